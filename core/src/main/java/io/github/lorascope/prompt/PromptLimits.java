package io.github.lorascope.prompt;

/**
 * How many tokens a prompt may have.
 *
 * @param passageTokens each passage is cut to this many of its first tokens; 0 leaves it whole
 * @param maxTokens the whole prompt may not have more; 0 sets no limit
 */
public record PromptLimits(int passageTokens, int maxTokens) {
  /** Whole passages, and prompts of any length. */
  public static final PromptLimits NONE = new PromptLimits(0, 0);

  /** Checks that neither is negative. */
  public PromptLimits {
    if (passageTokens < 0 || maxTokens < 0) {
      throw new IllegalArgumentException(
          passageTokens + " passage tokens, " + maxTokens + " tokens: give 0 for no limit");
    }
  }
}
