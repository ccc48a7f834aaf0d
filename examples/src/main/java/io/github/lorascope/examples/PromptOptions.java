package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.Reranker;
import picocli.CommandLine.Option;

/** The options that say how prompts are cut. */
final class PromptOptions {
  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      description =
          "Cut each passage to its first N tokens; 0: keep it whole (default: as the adapter was"
              + " trained, or 0).")
  private Integer passageTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description =
          "Cut passages further so that a prompt has at most N tokens; 0: the model's positions"
              + " (default: as the adapter was trained, or 0).")
  private Integer maxTokens;

  /** Files that PEFT wrote say nothing, and whole passages are others than cut ones. */
  private static void noteWhole(LoraAdapter adapter) {
    if (adapter.promptSettings().isEmpty()) {
      System.err.println(
          "note: "
              + adapter.source().orElseThrow()
              + " does not say how passages were cut in its training; they are whole unless"
              + " --passage-tokens says otherwise");
    }
  }

  /** Asks as the options say. */
  Reranker reranker(Decoder decoder) {
    return reranker(decoder, null);
  }

  /** Asks with an adapter, if there is one, as it was trained but for what the options say. */
  Reranker reranker(Decoder decoder, LoraAdapter adapter) {
    Reranker base = Reranker.pairwise(decoder);
    try {
      Reranker asked = adapter == null ? base : adapter.asTrained(base);
      if (adapter != null && adapter.source().isPresent() && passageTokens == null) {
        noteWhole(adapter);
      }
      PromptLimits limits = asked.limits();
      return asked.withLimits(
          new PromptLimits(
              passageTokens == null ? limits.passageTokens() : passageTokens,
              maxTokens == null ? limits.maxTokens() : maxTokens));
    } catch (RuntimeException | Error e) {
      base.close();
      throw e;
    }
  }
}
