package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;

/** What the native library gives: ids, and spans in Unicode code points. */
@SuppressWarnings("ArrayRecordComponent") // lives for one call
record CodePointEncoding(long[] ids, CharSpan[] spans) {
  /**
   * Counts the spans in UTF-16 units of the text instead.
   *
   * @throws TokenizerException if an id or a span is one that no sound tokenizer gives
   */
  Encoding inUtf16(String text) {
    int[] places = places(text);
    int[] tokens = new int[ids.length];
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] > Integer.MAX_VALUE) {
        throw unsound("the token " + ids[i]);
      }
      tokens[i] = (int) ids[i];
      if (spans[i] != null) {
        int start = spans[i].getStart();
        int end = spans[i].getEnd();
        if (start < 0 || end < start || end >= places.length) {
          throw unsound("a token for the characters " + start + " to " + end);
        }
        starts[i] = places[start];
        ends[i] = places[end];
      }
    }
    return new Encoding(tokens, starts, ends);
  }

  private TokenizerException unsound(String what) {
    return new TokenizerException(
        "the tokenizer gives "
            + what
            + " of a text, which cannot be: its tokenizer.json or GGUF file is damaged; use the model's own file");
  }

  /** Where each code point starts, and last the text's end. */
  private static int[] places(String text) {
    int[] places = new int[text.codePointCount(0, text.length()) + 1];
    for (int point = 0, unit = 0; unit < text.length(); point++) {
      unit += Character.charCount(text.codePointAt(unit));
      places[point + 1] = unit;
    }
    return places;
  }
}
