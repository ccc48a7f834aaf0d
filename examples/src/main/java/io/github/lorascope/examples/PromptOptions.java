package io.github.lorascope.examples;

import io.github.lorascope.prompt.PromptLimits;
import picocli.CommandLine.Option;

/** The options that say how prompts are cut. */
final class PromptOptions {
  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Cut each passage to its first N tokens; 0: keep it whole (default: ${DEFAULT-VALUE}).")
  int passageTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Cut passages further so that a prompt has at most N tokens; 0: the model's positions"
              + " (default: ${DEFAULT-VALUE}).")
  int maxTokens;

  PromptLimits limits() {
    return new PromptLimits(passageTokens, maxTokens);
  }
}
