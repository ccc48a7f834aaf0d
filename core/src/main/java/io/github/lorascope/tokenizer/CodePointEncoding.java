package io.github.lorascope.tokenizer;

import ai.djl.huggingface.tokenizers.jni.CharSpan;

/** What the native library gives: ids, and spans in Unicode code points. */
@SuppressWarnings("ArrayRecordComponent") // lives for one call
record CodePointEncoding(long[] ids, CharSpan[] spans) {
  /** Counts the spans in UTF-16 units of the text instead. */
  Encoding inUtf16(String text) {
    int[] places = places(text);
    int[] tokens = new int[ids.length];
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
      if (spans[i] != null) {
        starts[i] = places[spans[i].getStart()];
        ends[i] = places[spans[i].getEnd()];
      }
    }
    return new Encoding(tokens, starts, ends);
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
