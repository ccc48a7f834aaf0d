package io.github.lorascope.ablation;

import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;
import java.util.List;
import java.util.Locale;

/** Which tokens' states are replaced. */
public enum PatchPosition {
  /** The last token, which the head reads. */
  LAST,
  /** The query's tokens. */
  QUERY,
  /** The tokens of passage A. */
  A,
  /** The tokens of passage B. */
  B,
  /** The tokens of both passages. */
  DOCUMENTS;

  /** The tokens of a prompt. */
  List<TokenSpan> spans(EncodedPrompt prompt) {
    int length = prompt.ids().length;
    return switch (this) {
      case LAST -> List.of(new TokenSpan(length - 1, length));
      case QUERY -> List.of(prompt.query());
      case A -> List.of(prompt.documentA());
      case B -> List.of(prompt.documentB());
      case DOCUMENTS -> List.of(prompt.documentA(), prompt.documentB());
    };
  }

  /** Whether the two passages of a pair change places in it. */
  boolean holdsPassages() {
    return this == A || this == B || this == DOCUMENTS;
  }

  /**
   * Returns its name in files.
   *
   * @return such as {@code last}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
