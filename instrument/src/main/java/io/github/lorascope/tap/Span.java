package io.github.lorascope.tap;

import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;

/** A part of a pair's prompt. */
public enum Span {
  /** The query. */
  QUERY("query"),
  /** Passage A. */
  A("a"),
  /** Passage B. */
  B("b");

  private final String label;

  Span(String label) {
    this.label = label;
  }

  /**
   * Returns its name in files.
   *
   * @return {@code query}, {@code a} or {@code b}
   */
  public String label() {
    return label;
  }

  /**
   * Finds its tokens.
   *
   * @param prompt a pair's prompt
   * @return the tokens that share a character with the part
   */
  public TokenSpan in(EncodedPrompt prompt) {
    return switch (this) {
      case QUERY -> prompt.query();
      case A -> prompt.documentA();
      case B -> prompt.documentB();
    };
  }
}
