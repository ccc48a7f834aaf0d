package io.github.lorascope.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Finds the merges that byte-pair encoding needs where only the pieces' scores are known:
 * SentencePiece joins two neighbours whenever that gives a piece, those of the best piece first, so
 * each division of a piece into two pieces is a merge.
 */
final class SentencePieceMerges {
  /** Two pieces whose text together is a piece too. */
  record Merge(String left, String right, float score) {}

  /** Three times what a vocabulary of 262,144 has. */
  private static final int MAX_MERGES = 1 << 21;

  private SentencePieceMerges() {}

  /**
   * Lists the merges, the first to be done first; of one piece those with the longest left side, as
   * neighbours further left go first.
   *
   * @param scores the pieces that can be joined to or divided into, with their scores
   * @param source the file, for messages
   */
  static List<Merge> of(Map<String, Float> scores, String source) {
    List<Merge> merges = new ArrayList<>();
    scores.forEach(
        (piece, score) -> {
          for (int i = piece.length() - 1; i > 0; i--) {
            String left = piece.substring(0, i);
            String right = piece.substring(i);
            if (scores.containsKey(left) && scores.containsKey(right)) {
              merges.add(new Merge(left, right, score));
            }
          }
          if (merges.size() > MAX_MERGES) {
            throw new TokenizerException(
                source
                    + ": its pieces divide into pieces in more than "
                    + MAX_MERGES
                    + " ways; it is damaged");
          }
        });
    merges.sort(Comparator.comparingDouble(merge -> -merge.score())); // stable
    return merges;
  }
}
