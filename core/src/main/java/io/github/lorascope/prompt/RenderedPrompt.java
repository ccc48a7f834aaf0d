package io.github.lorascope.prompt;

import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.TextPiece;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A prompt as text.
 *
 * @param text the whole prompt
 * @param query where the query stands in it
 * @param documentA where passage A stands in it
 * @param documentB where passage B stands in it
 */
public record RenderedPrompt(String text, TextSpan query, TextSpan documentA, TextSpan documentB) {
  /**
   * Takes it apart into the template's text, and query and passages, in which nothing is a special
   * token.
   *
   * @param ofTemplate what becomes of what spells a special token in the template's text
   * @return the pieces, which together are the text
   */
  public List<TextPiece> pieces(SpecialTokens ofTemplate) {
    List<TextPiece> pieces = new ArrayList<>();
    int end = 0;
    for (TextSpan span : inOrder()) {
      pieces.add(new TextPiece(text.substring(end, span.start()), ofTemplate));
      pieces.add(new TextPiece(text.substring(span.start(), span.end()), SpecialTokens.AS_TEXT));
      end = span.end();
    }
    pieces.add(new TextPiece(text.substring(end), ofTemplate));
    return pieces;
  }

  /** Of two that are empty at one place, either may come first. */
  private List<TextSpan> inOrder() {
    return Stream.of(query, documentA, documentB)
        .sorted(Comparator.comparingInt(TextSpan::start).thenComparingInt(TextSpan::end))
        .toList();
  }
}
