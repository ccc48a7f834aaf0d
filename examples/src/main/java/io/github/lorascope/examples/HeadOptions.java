package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import picocli.CommandLine.Option;

/** The options that say where the head of a new adapter starts, and whether it is trained. */
final class HeadOptions {
  @Option(
      names = "--zero-shot-head",
      description =
          "Start the head as the language model's own for A and B, so that the training begins with"
              + " the answers of the untrained model (default: the model's classification head, or at"
              + " random).")
  private boolean zeroShot;

  @Option(
      names = "--freeze-head",
      description = "Train the LoRA paths alone; the head stays as it starts.")
  private boolean frozen;

  boolean trained() {
    return !frozen;
  }

  /**
   * Makes or loads the adapter.
   *
   * @param prompt how it is asked, which decides how A and B are spelled
   */
  LoraAdapter attach(AdapterOptions options, Decoder decoder, long seed, PromptOptions prompt) {
    if (!zeroShot) {
      if (options.adapter == null) {
        requireHead(decoder);
      }
      return options.attach(decoder, seed);
    }
    if (options.adapter != null) {
      throw new IllegalArgumentException(
          "--zero-shot-head beside --adapter: the adapter in "
              + options.adapter
              + " has a head of its own; give one of the two");
    }
    try (Reranker base = prompt.reranker(decoder)) {
      return startingIn(options.builder(decoder, seed), base).attach();
    }
  }

  /**
   * Says where the head of a new adapter starts.
   *
   * @param base asks as the adapter will be asked
   */
  LoraAdapter.Builder startingIn(LoraAdapter.Builder builder, Reranker base) {
    requireHead(base.decoder());
    return zeroShot ? builder.headOf(base.zeroShot()) : builder;
  }

  private void requireHead(Decoder decoder) {
    if (frozen && !zeroShot && decoder.score().isEmpty()) {
      throw new IllegalArgumentException(
          "--freeze-head would keep a head that is drawn at random, as the model has none: add"
              + " --zero-shot-head");
    }
  }
}
