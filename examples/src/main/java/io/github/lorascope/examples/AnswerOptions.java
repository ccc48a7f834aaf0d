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
      description =
          "PEFT folder of the adapter (default: none, and the model's classification head, or"
              + " --zero-shot).")
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

  /** What is read to answer; null for what is not. */
  Path[] files() {
    return new Path[] {adapter, prompt.file()};
  }

  /** Loads the adapter; null for none. */
  LoraAdapter load(Decoder decoder) {
    if (zeroShot) {
      requireNone(adapter);
    }
    return adapter == null ? null : LoraAdapter.load(decoder, adapter);
  }

  /** Asks as the options say. */
  Reranker reranker(Decoder decoder, LoraAdapter loaded) {
    return reranker(prompt.reranker(decoder, loaded), zeroShot);
  }

  static void requireNone(Path adapter) {
    if (adapter != null) {
      throw new IllegalArgumentException(
          "--zero-shot beside --adapter: an adapter has a head of its own; give one of the two");
    }
  }

  /** Asks zero-shot, if so; where that cannot be, nothing stays open. */
  static Reranker reranker(Reranker asked, boolean zeroShot) {
    try {
      return zeroShot ? asked.zeroShot() : asked;
    } catch (RuntimeException | Error e) {
      asked.close();
      throw e;
    }
  }
}
