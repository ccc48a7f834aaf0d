package io.github.lorascope.tokenizer;

/** What becomes of text that spells a special token, such as {@code <|im_start|>}. */
public enum SpecialTokens {
  /**
   * It stays text: it is encoded from ordinary pieces and never becomes the special token. For
   * whatever comes from outside, so that a passage cannot speak as the system does.
   */
  AS_TEXT,

  /** It becomes the special token, as in transformers. */
  PARSE
}
