package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what answers, and how it is asked. */
final class AnswerOptions {
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "PEFT folder of the adapter (default: none, and the model's own head).")
  private Path adapter;

  @Option(
      names = "--zero-shot",
      description =
          "Without an adapter: answer as the untrained language model does, with its own logits of A"
              + " and B as the next token.")
  private boolean zeroShot;

  @Mixin private PromptOptions prompt;

  /** The adapter's folder; null for none. */
  Path adapter() {
    return adapter;
  }

  /** Loads the adapter; null for none. */
  LoraAdapter load(Decoder decoder) {
    if (adapter != null && zeroShot) {
      throw new IllegalArgumentException(
          "--zero-shot beside --adapter: an adapter has a head of its own; give one of the two");
    }
    return adapter == null ? null : LoraAdapter.load(decoder, adapter);
  }

  /** Asks as the options say. */
  Reranker reranker(Decoder decoder, LoraAdapter loaded) {
    Reranker reranker = prompt.reranker(decoder, loaded);
    if (!zeroShot) {
      return reranker;
    }
    try {
      return reranker.zeroShot();
    } catch (RuntimeException | Error e) {
      reranker.close();
      throw e;
    }
  }
}
