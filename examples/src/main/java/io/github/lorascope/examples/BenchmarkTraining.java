package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times training and scoring on random weights of a given shape, or on a model. */
@Command(
    name = "BenchmarkTraining",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times LoRA training steps and scoring, with random weights of a shape or those of a model.",
      "Prints one JSON line with the medians, the time to load, the most memory that the backend"
          + " counted and, on Linux, the most anonymous memory that the process had (RssAnon: all but"
          + " pages of mapped files). Machines drift: compare only runs made in turn."
    })
public final class BenchmarkTraining implements Callable<Integer> {
  @Mixin private ShapeOption shapeOption;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Hugging Face folder, GGUF file or hub name (org/name) to take weights from (default:"
              + " random ones).")
  private String model;

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
      names = "--at-least",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "Steps to measure of each kind, however long they take (default: ${DEFAULT-VALUE}).")
  private int fewest;

  @Option(
      names = "--recompute",
      description = "Compute layers again for the backward pass instead of keeping them.")
  private boolean recompute;

  @Mixin private ComputeOptions compute;
  @Mixin private AdapterOptions adapterOptions;

  @Spec private CommandSpec command;

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
    if (batch < 1 || length < 1 || fewest < 1) {
      throw new IllegalArgumentException(
          batch
              + " sequences of "
              + length
              + " tokens, "
              + fewest
              + " steps: give at least 1 of each");
    }
    if (model != null) {
      GivenOptions.refuse(
          command, "beside --model: a model has its own shape; give one of the two", "--config");
    }
    try (AnonymousMemory memory = AnonymousMemory.watch()) {
      long start = System.nanoTime();
      try (Decoder decoder = load();
          BenchmarkModel subject = new BenchmarkModel(decoder, adapterOptions, recompute)) {
        double loading = (System.nanoTime() - start) / 1e9;
        TokenBatch tokens = RandomTokens.of(decoder.config(), Collections.nCopies(batch, length));
        double training = median(() -> subject.train(tokens), seconds * 2 / 3.0);
        double inference = median(() -> subject.score(tokens), seconds / 3.0);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("train_tokens_per_second", tokens.tokens() / training);
        result.put("inference_tokens_per_second", tokens.tokens() / inference);
        result.put("load_seconds", loading);
        result.put("dtype", decoder.precision().toString().toLowerCase(Locale.ROOT));
        result.put("quantization", decoder.options().quantization().toString());
        result.put("batch", batch);
        result.put("length", length);
        result.put("recompute", recompute);
        result.put("trainable", subject.trainable());
        result.put("backend", decoder.backend().description());
        result.put("peak_memory_bytes", decoder.backend().memory().peak());
        memory.peak().ifPresent(bytes -> result.put("peak_anonymous_bytes", bytes));
        System.out.println(Json.write(result));
        return 0;
      }
    }
  }

  private Decoder load() {
    return model == null
        ? Decoder.random(shapeOption.read(), 0, compute.load())
        : Decoder.load(model, compute.load());
  }

  /** Median of the steps after the first, in seconds. */
  private double median(Runnable step, double seconds) {
    List<Double> times = new ArrayList<>();
    step.run(); // in which kernels are compiled, too
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end || times.size() < fewest) {
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
