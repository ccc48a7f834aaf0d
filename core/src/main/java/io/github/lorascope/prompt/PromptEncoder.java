package io.github.lorascope.prompt;

import io.github.lorascope.tokenizer.Encoding;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import java.util.Objects;

/**
 * Encodes pair prompts. The whole text is encoded at once, and nothing in a query or a passage
 * becomes a special token, nor in the prompt's template unless it is a {@link PairPrompt#chat}; the
 * tokenizer's template adds its own. A prompt that passes the limit has its passages cut further,
 * both to an equal number of tokens, of which a shorter passage leaves its rest to the other; query
 * and question stay whole. Safe for use by many threads.
 */
public final class PromptEncoder {
  private final Tokenizer tokenizer;
  private final PairPrompt prompt;
  private final PromptLimits limits;
  private final PassageCuts cuts;

  /**
   * Creates an encoder.
   *
   * @param tokenizer the model's tokenizer; stays the caller's to close
   * @param prompt the question
   * @param limits how many tokens passages and prompts may have
   * @throws PromptException if the prompt is a {@link PairPrompt#chat} whose turns are no tokens of
   *     the tokenizer
   */
  public PromptEncoder(Tokenizer tokenizer, PairPrompt prompt, PromptLimits limits) {
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    this.prompt = Objects.requireNonNull(prompt, "prompt");
    this.limits = Objects.requireNonNull(limits, "limits");
    prompt.requireTokens(tokenizer.specialTokens());
    this.cuts = new PassageCuts(text -> tokenizer.firstTokens(text, limits.passageTokens()));
  }

  /**
   * Encodes one prompt. Empty texts are allowed and have empty spans.
   *
   * @param query the query
   * @param documentA passage A
   * @param documentB passage B
   * @return the tokens, and which of them are the query's and the passages'
   * @throws PromptException when the query leaves no room for a token of each passage
   */
  public EncodedPrompt encode(String query, String documentA, String documentB) {
    String a = cutPassage(documentA);
    String b = cutPassage(documentB);
    EncodedPrompt encoded = encodeWhole(query, a, b);
    return fits(encoded) ? encoded : encodeCut(query, a, b, encoded.ids().length);
  }

  private String cutPassage(String passage) {
    return limits.passageTokens() == 0 ? passage : cuts.of(passage);
  }

  /**
   * Cuts both passages until the prompt fits. How many tokens a passage has inside the prompt can
   * differ a little from what it has by itself, so the budget is lowered by what is still too much.
   */
  private EncodedPrompt encodeCut(String query, String a, String b, int tokens) {
    int ofA = count(a);
    int ofB = count(b);
    int least = Math.min(ofA, 1) + Math.min(ofB, 1);
    int budget = ofA + ofB;
    int excess = tokens - limits.maxTokens();
    while (budget > least) {
      budget = Math.max(least, budget - excess);
      EncodedPrompt encoded =
          encodeWhole(
              query,
              tokenizer.firstTokens(a, share(budget, ofA, ofB)),
              tokenizer.firstTokens(b, share(budget, ofB, ofA)));
      if (fits(encoded)) {
        return encoded;
      }
      excess = encoded.ids().length - limits.maxTokens();
    }
    throw new PromptException(
        "the query takes "
            + count(query)
            + " tokens and leaves no room for both passages in a prompt of at most "
            + limits.maxTokens()
            + " tokens; shorten the query or raise the limit");
  }

  /** Half of the budget, or what the other passage leaves over. */
  private static int share(int budget, int own, int other) {
    return Math.min(own, Math.max(budget / 2, budget - other));
  }

  private boolean fits(EncodedPrompt encoded) {
    return limits.maxTokens() == 0 || encoded.ids().length <= limits.maxTokens();
  }

  private int count(String text) {
    return tokenizer.encode(text, SpecialTokens.AS_TEXT, false).size();
  }

  private EncodedPrompt encodeWhole(String query, String a, String b) {
    RenderedPrompt rendered = prompt.render(query, a, b);
    Encoding encoding = tokenizer.encode(rendered.pieces(prompt.handling()), true);
    return new EncodedPrompt(
        encoding.ids(),
        TokenSpan.of(encoding, rendered.query()),
        TokenSpan.of(encoding, rendered.documentA()),
        TokenSpan.of(encoding, rendered.documentB()),
        rendered.text());
  }
}
