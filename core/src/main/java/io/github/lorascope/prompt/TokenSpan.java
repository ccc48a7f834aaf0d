package io.github.lorascope.prompt;

import io.github.lorascope.tokenizer.Encoding;

/**
 * A stretch of tokens of a sequence.
 *
 * @param start its first token
 * @param end past its last token; equal to the start when the stretch is empty
 */
public record TokenSpan(int start, int end) {
  /**
   * Counts the tokens.
   *
   * @return how many tokens the stretch has
   */
  public int size() {
    return end - start;
  }

  /**
   * The tokens that share a character with a stretch of text. None do when that stretch is empty;
   * the span then lies, empty, before the first token past it.
   */
  static TokenSpan of(Encoding encoding, TextSpan text) {
    int first = encoding.size();
    int past = 0;
    for (int i = 0; i < encoding.size(); i++) {
      int sharedStart = Math.max(encoding.starts()[i], text.start());
      int sharedEnd = Math.min(encoding.ends()[i], text.end());
      if (sharedStart < sharedEnd) {
        first = Math.min(first, i);
        past = i + 1;
      }
    }
    return past > first ? new TokenSpan(first, past) : emptyAt(encoding, text.start());
  }

  private static TokenSpan emptyAt(Encoding encoding, int place) {
    for (int i = 0; i < encoding.size(); i++) {
      boolean standsForText = encoding.starts()[i] < encoding.ends()[i];
      if (standsForText && encoding.starts()[i] >= place) {
        return new TokenSpan(i, i);
      }
    }
    return new TokenSpan(encoding.size(), encoding.size());
  }
}
