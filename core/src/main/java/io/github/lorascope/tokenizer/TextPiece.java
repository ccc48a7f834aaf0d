package io.github.lorascope.tokenizer;

import java.util.Objects;

/**
 * A part of a text that comes from one source.
 *
 * @param text the part
 * @param handling what becomes of what spells a special token within it
 */
public record TextPiece(String text, SpecialTokens handling) {
  /** Checks that both are there. */
  public TextPiece {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(handling, "handling");
  }
}
