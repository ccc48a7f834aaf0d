package io.github.lorascope.rerank;

import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * The two tokens that a language model answers a prompt with.
 *
 * @param a what it says for the first passage
 * @param b what it says for the second
 */
record AnswerTokens(int a, int b) {
  /**
   * Finds the tokens of A and B behind a prompt: with a space before, unless the prompt ends with
   * white space.
   */
  static AnswerTokens of(Tokenizer tokenizer, PairPrompt prompt) {
    String text = rendered(prompt);
    boolean apart = Character.isWhitespace(text.charAt(text.length() - 1));
    String space = apart ? "" : " ";
    return of(tokenizer, prompt, space + "A", space + "B");
  }

  /**
   * Finds the tokens of two answers behind a prompt.
   *
   * @throws PromptException if one of them is not one token there, or both are the same
   */
  static AnswerTokens of(Tokenizer tokenizer, PairPrompt prompt, String a, String b) {
    String text = rendered(prompt);
    AnswerTokens tokens = new AnswerTokens(token(tokenizer, text, a), token(tokenizer, text, b));
    if (tokens.a == tokens.b) {
      throw new PromptException(
          "the answers '" + a + "' and '" + b + "' begin with the same token: give others");
    }
    return tokens;
  }

  /** Only how it ends matters. */
  private static String rendered(PairPrompt prompt) {
    return prompt.render("query", "passage", "passage").text();
  }

  private static int token(Tokenizer tokenizer, String text, String answer) {
    int[] asked = tokenizer.encode(text, SpecialTokens.AS_TEXT, true).ids();
    int[] answered = tokenizer.encode(text + answer, SpecialTokens.AS_TEXT, true).ids();
    int same = Arrays.mismatch(asked, answered);
    if (same != asked.length || answered.length != asked.length + 1) {
      throw new PromptException(
          "the answer '"
              + answer
              + "' is not one token behind the prompt, which ends with '"
              + text.substring(Math.max(0, text.length() - 20))
              + "': end the prompt without a space, or give other answers");
    }
    return answered[asked.length];
  }
}
