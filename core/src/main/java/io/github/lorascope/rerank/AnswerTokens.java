package io.github.lorascope.rerank;

import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.RenderedPrompt;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.TextPiece;
import io.github.lorascope.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The two tokens that a language model answers a prompt with.
 *
 * @param a what it says for the first passage
 * @param b what it says for the second
 */
record AnswerTokens(int a, int b) {
  /**
   * Finds the tokens of A and B behind a prompt: with a space before, unless the prompt ends with
   * white space or a special token.
   */
  static AnswerTokens of(Tokenizer tokenizer, PairPrompt prompt) {
    String text = rendered(prompt).text();
    boolean apart =
        Character.isWhitespace(text.charAt(text.length() - 1))
            || last(ids(tokenizer, prompt, ""))
                != last(ids(tokenizer, PairPrompt.of(prompt.template()), ""));
    String space = apart ? "" : " ";
    return of(tokenizer, prompt, space + "A", space + "B");
  }

  /**
   * Finds the tokens of two answers behind a prompt.
   *
   * @throws PromptException if one of them is not one token there, both are the same, or the prompt
   *     does not end with its question
   */
  static AnswerTokens of(Tokenizer tokenizer, PairPrompt prompt, String a, String b) {
    requireQuestionLast(tokenizer, prompt);
    AnswerTokens tokens =
        new AnswerTokens(token(tokenizer, prompt, a), token(tokenizer, prompt, b));
    if (tokens.a == tokens.b) {
      throw new PromptException(
          "the answers '" + a + "' and '" + b + "' begin with the same token: give others");
    }
    return tokens;
  }

  /** Only how it ends matters. */
  private static RenderedPrompt rendered(PairPrompt prompt) {
    return prompt.render("query", "passage", "passage");
  }

  private static int[] ids(Tokenizer tokenizer, PairPrompt prompt, String answer) {
    List<TextPiece> pieces = new ArrayList<>(rendered(prompt).pieces(prompt.handling()));
    pieces.add(new TextPiece(answer, SpecialTokens.AS_TEXT));
    return tokenizer.encode(pieces, true).ids();
  }

  private static int last(int[] ids) {
    return ids[ids.length - 1];
  }

  /** A query or passage at the end would decide how an answer is spelled. */
  private static void requireQuestionLast(Tokenizer tokenizer, PairPrompt prompt) {
    RenderedPrompt rendered = rendered(prompt);
    int end = Math.max(rendered.documentA().end(), rendered.documentB().end());
    if (Math.max(end, rendered.query().end()) == rendered.text().length()) {
      throw new PromptException(
          "the prompt ends with the query or a passage, and the language model would go on with it:"
              + " end it with the question, such as 'Answer:'");
    }
    int[] plain = tokenizer.encode(rendered.pieces(prompt.handling()), false).ids();
    if (last(plain) != last(ids(tokenizer, prompt, ""))) {
      throw new PromptException(
          "the tokenizer puts a token of its own behind the prompt, where the language model is not"
              + " asked for the next one: take the tokenizer of a causal language model");
    }
  }

  private static int token(Tokenizer tokenizer, PairPrompt prompt, String answer) {
    int[] asked = ids(tokenizer, prompt, "");
    int[] answered = ids(tokenizer, prompt, answer);
    int same = Arrays.mismatch(asked, answered);
    if (same != asked.length || answered.length != asked.length + 1) {
      String text = rendered(prompt).text();
      throw new PromptException(
          "the answer '"
              + answer
              + "' is not one token behind the prompt, which ends with '"
              + text.substring(Math.max(0, text.length() - 20))
              + "': end the prompt without a space, or give answers that are");
    }
    return answered[asked.length];
  }
}
