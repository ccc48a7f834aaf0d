package io.github.lorascope.tokenizer;

/** What becomes of text that spells a special token, such as {@code <|im_start|>}. */
public enum SpecialTokens {
  /**
   * It stays text: it is encoded from ordinary pieces and never becomes the special token. For
   * whatever comes from outside, so that a passage cannot speak as the system does. Special are the
   * tokens that the file flags so, and those spelled as {@code <|...|>}, {@code <s>} or {@code
   * </s>}; others that a file adds, such as Qwen3's {@code <think>}, are found in any text. A
   * written character of the vocabulary, such as {@code !}, that is flagged special stays that
   * character.
   */
  AS_TEXT,

  /** It becomes the special token, as in transformers. */
  PARSE
}
