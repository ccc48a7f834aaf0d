package io.github.lorascope.examples;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times training and scoring on random weights of a given shape. */
@Command(
    name = "BenchmarkTraining",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times LoRA training steps and scoring with random weights of a shape, without padding.",
      "Prints one JSON line with the medians. Machines drift: compare only runs made in turn."
    })
public final class BenchmarkTraining implements Callable<Integer> {
  private static final int FEWEST_STEPS = 5;

  @Mixin private ShapeOption shapeOption;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens of each (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "30",
      description = "How long to measure, two thirds of it training (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--recompute",
      description = "Compute layers again for the backward pass instead of keeping them.")
  private boolean recompute;

  @Mixin private ComputeOptions compute;
  @Mixin private AdapterOptions adapterOptions;

  /** For picocli. */
  public BenchmarkTraining() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new BenchmarkTraining(), arguments);
  }

  @Override
  public Integer call() {
    if (batch < 1 || length < 1) {
      throw new IllegalArgumentException(
          batch + " sequences of " + length + " tokens: give at least 1 of each");
    }
    ModelConfig shape = shapeOption.read();
    TokenBatch tokens = tokens(shape.vocabularySize());
    try (Decoder decoder = Decoder.random(shape, 0, compute.load());
        LoraAdapter adapter = adapterOptions.attach(decoder, 0);
        MemoryScope memory = decoder.backend().scope("the state of the optimizer")) {
      Tensor gradients = memory.zeros(1, adapter.parameters().columns());
      Tensor moment1 = memory.zeros(1, gradients.columns());
      Tensor moment2 = memory.zeros(1, gradients.columns());
      AdapterTensors view = adapter.view(gradients);
      double training =
          median(
              () -> train(decoder, adapter, tokens, gradients, view, moment1, moment2),
              seconds * 2 / 3.0);
      double inference = median(() -> score(decoder, adapter, tokens), seconds / 3.0);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("train_tokens_per_second", tokens.tokens() / training);
      result.put("inference_tokens_per_second", tokens.tokens() / inference);
      result.put("dtype", decoder.precision().toString().toLowerCase(java.util.Locale.ROOT));
      result.put("quantization", decoder.options().quantization().toString());
      result.put("batch", batch);
      result.put("length", length);
      result.put("recompute", recompute);
      result.put("trainable", adapter.parameters().columns());
      result.put("backend", decoder.backend().description());
      result.put("peak_memory_bytes", decoder.backend().memory().peak());
      System.out.println(Json.write(result));
      return 0;
    }
  }

  private TokenBatch tokens(int vocabulary) {
    SplittableRandom random = new SplittableRandom(0);
    List<int[]> sequences = new ArrayList<>();
    for (int s = 0; s < batch; s++) {
      sequences.add(random.ints(length, 1, vocabulary).toArray());
    }
    return TokenBatch.of(sequences);
  }

  /** Reads a logit, since a GPU only begins what it is asked for. */
  private static void score(Decoder decoder, LoraAdapter adapter, TokenBatch tokens) {
    try (DecoderPass pass = decoder.forward(tokens, adapter.view(), PassOptions.SCORING)) {
      pass.logits().get(0, 0);
    }
  }

  private void train(
      Decoder decoder,
      LoraAdapter adapter,
      TokenBatch tokens,
      Tensor gradients,
      AdapterTensors view,
      Tensor moment1,
      Tensor moment2) {
    Backend backend = decoder.backend();
    backend.scale(gradients, 0);
    PassOptions how = new PassOptions(true, adapter.config().dropout(), 0, recompute);
    try (DecoderPass pass = decoder.forward(tokens, adapter.view(), how);
        MemoryScope scratch = backend.scope("the gradient of the logits")) {
      Tensor dLogits = scratch.tensor(tokens.sequences(), pass.logits().columns());
      int[] labels = new int[tokens.sequences()];
      backend.crossEntropy(pass.logits(), labels, 1.0 / labels.length, dLogits);
      pass.backward(dLogits, view);
    }
    double norm = Math.sqrt(backend.squaredNorm(gradients));
    backend.scale(gradients, Math.min(1, 1 / (norm + 1e-6)));
    backend.adamW(
        adapter.parameters(), gradients, moment1, moment2, new AdamW(1e-4, 0.9, 0.999, 1e-8, 0, 1));
  }

  /** Median of the steps after the first, in seconds. */
  private static double median(Runnable step, double seconds) {
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    step.run();
    while (System.nanoTime() < end || times.size() < FEWEST_STEPS) {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) / 1e9);
    }
    return median(times);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
