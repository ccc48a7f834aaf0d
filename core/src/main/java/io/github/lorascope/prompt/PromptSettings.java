package io.github.lorascope.prompt;

import io.github.lorascope.tokenizer.SpecialTokens;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a model is asked, which is how it has to be asked again: trained with one prompt, or with
 * passages cut to one length, it answers others less well and without a word.
 *
 * @param prompt the question
 * @param limits how passages and prompts are cut
 */
public record PromptSettings(PairPrompt prompt, PromptLimits limits) {
  private static final String PROMPT = "prompt";
  private static final String SPECIAL_TOKENS = "prompt_special_tokens";
  private static final String PASSAGE_TOKENS = "passage_tokens";
  private static final String MAX_TOKENS = "max_tokens";

  /** Checks that both are there. */
  public PromptSettings {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(limits, "limits");
  }

  /**
   * Finds them among the values that {@link #values} gave.
   *
   * @param values values by name
   * @return the settings; empty where one of them is not told
   * @throws PromptException if one of them is damaged
   */
  public static Optional<PromptSettings> of(Map<String, String> values) {
    if (!values.keySet().containsAll(Set.of(PROMPT, PASSAGE_TOKENS, MAX_TOKENS))) {
      return Optional.empty();
    }
    PromptLimits limits =
        new PromptLimits(number(values, PASSAGE_TOKENS), number(values, MAX_TOKENS));
    return Optional.of(new PromptSettings(prompt(values), limits));
  }

  private static PairPrompt prompt(Map<String, String> values) {
    String template = values.get(PROMPT);
    return switch (values.getOrDefault(SPECIAL_TOKENS, "false")) {
      case "true" -> PairPrompt.chat(template);
      case "false" -> PairPrompt.of(template);
      default ->
          throw new PromptException(
              SPECIAL_TOKENS
                  + " has to be true or false but is '"
                  + values.get(SPECIAL_TOKENS)
                  + "'; put back what the training wrote");
    };
  }

  private static int number(Map<String, String> values, String name) {
    String text = values.get(name);
    if (text.matches("[0-9]{1,10}") && Long.parseLong(text) <= Integer.MAX_VALUE) {
      return Integer.parseInt(text);
    }
    throw new PromptException(
        name + " has to be a whole number but is '" + text + "'; put back what the training wrote");
  }

  /**
   * Puts them into words, to be kept beside what was made with them.
   *
   * @return the values {@code prompt}, {@code passage_tokens} and {@code max_tokens} by name, and
   *     of a {@link PairPrompt#chat} {@code prompt_special_tokens}
   */
  public Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    values.put(PROMPT, prompt.template());
    if (prompt.handling() == SpecialTokens.PARSE) {
      values.put(SPECIAL_TOKENS, "true"); // told only then, as earlier versions could not
    }
    values.put(PASSAGE_TOKENS, Integer.toString(limits.passageTokens()));
    values.put(MAX_TOKENS, Integer.toString(limits.maxTokens()));
    return values;
  }
}
