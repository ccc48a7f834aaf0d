package io.github.lorascope.examples;

import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.tap.ResidualGradientTap;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.Trainer;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times the same training steps without a listener and with each tap. */
@Command(
    name = "BenchmarkTaps",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times the same training steps without a listener and with each tap, in turn.",
      "Prints one JSON line: median tokens a second, and the median ratio of each step's time to"
          + " that of the same step without a listener.",
      "none_again is without a listener too: how far it is from 1 is what the others may be by"
          + " chance. empty is a listener that does nothing: what the tap points cost."
    })
public final class BenchmarkTaps implements Callable<Integer> {
  private static final String BASELINE = "none";
  private static final int STEPS = 6;
  private static final int FEWEST_ROUNDS = 3;

  @Mixin private ModelOptions model;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      description = "Triples to train on (default: the bundled ones).")
  private Path triples;

  @Option(
      names = "--passage-tokens",
      paramLabel = "N",
      defaultValue = "32",
      description = "Cut each passage to its first N tokens (default: ${DEFAULT-VALUE}).")
  private int passageTokens;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Pairs in a step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "120",
      description =
          "How long to measure; at least " + FEWEST_ROUNDS + " rounds (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Mixin private AdapterOptions adapterOptions;

  /** For picocli. */
  public BenchmarkTaps() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new BenchmarkTaps(), arguments);
  }

  private static Map<String, List<TrainingListener>> listeners() {
    Map<String, List<TrainingListener>> listeners = new LinkedHashMap<>();
    listeners.put(BASELINE, List.of());
    listeners.put("none_again", List.of());
    listeners.put("empty", List.of(new TrainingListener() {}));
    listeners.put("gradients", List.of(GradientTap.perLayer().effectiveRankEvery(0)));
    listeners.put(
        "gradients_effective_rank", List.of(GradientTap.perLayer().effectiveRankEvery(1)));
    listeners.put("residual_gradients", List.of(new ResidualGradientTap()));
    listeners.put("all", List.of(GradientTap.perLayer(), new ResidualGradientTap()));
    return listeners;
  }

  @Override
  public Integer call() {
    Triples data = Triples.tsv(triples == null ? Bundled.trainTriples() : triples);
    Map<String, List<TrainingListener>> listeners = listeners();
    Map<String, List<Double>> speeds = new LinkedHashMap<>();
    Map<String, List<Double>> ratios = new LinkedHashMap<>();
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), model.load());
        Reranker reranker =
            Reranker.pairwise(decoder).withLimits(new PromptLimits(passageTokens, 0))) {
      long end = System.nanoTime() + seconds * 1_000_000_000L;
      int trainable = 0;
      for (int round = 0; round < FEWEST_ROUNDS || System.nanoTime() < end; round++) {
        Map<String, Timer> timers = new LinkedHashMap<>();
        for (Map.Entry<String, List<TrainingListener>> some : listeners.entrySet()) {
          Timer timer = new Timer();
          try (LoraAdapter adapter = adapterOptions.attach(decoder, 0)) {
            trainable = adapter.parameters().columns();
            train(reranker, adapter, data, some.getValue(), timer);
          }
          timers.put(some.getKey(), timer);
        }
        timers.forEach(
            (name, timer) -> {
              speeds.computeIfAbsent(name, n -> new ArrayList<>()).addAll(timer.speeds());
              ratios
                  .computeIfAbsent(name, n -> new ArrayList<>())
                  .addAll(timer.ratios(timers.get(BASELINE)));
            });
      }
      ratios.remove(BASELINE);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("train_tokens_per_second", medians(speeds));
      result.put("time_ratio", medians(ratios));
      result.put("timed_steps", speeds.get(BASELINE).size());
      result.put("dtype", decoder.precision().toString().toLowerCase(Locale.ROOT));
      result.put("quantization", decoder.options().quantization().toString());
      result.put("layers", decoder.config().layers());
      result.put("batch", batch);
      result.put("trainable", trainable);
      result.put("backend", decoder.backend().description());
      System.out.println(Json.write(result));
      return 0;
    }
  }

  private static Map<String, Double> medians(Map<String, List<Double>> values) {
    Map<String, Double> medians = new LinkedHashMap<>();
    values.forEach((name, some) -> medians.put(name, BenchmarkTraining.median(some)));
    return medians;
  }

  /** A few steps from the start, with a folder, so that what a tap writes is timed as well. */
  private void train(
      Reranker reranker,
      LoraAdapter adapter,
      Triples data,
      List<TrainingListener> listeners,
      Timer timer) {
    try (TemporaryFolder folder = TemporaryFolder.of("lorascope-benchmark")) {
      Trainer.of(reranker, adapter)
          .data(new EpochSampler(data, 0))
          .options(TrainingOptions.builder().steps(STEPS).batch(batch).build())
          .folder(new RunFolder(folder.path()), false)
          .listen(listeners.toArray(TrainingListener[]::new))
          .listen(timer)
          .build()
          .run();
    }
  }

  /** The time from the end of each step to the end of the next; stands behind the taps. */
  private static final class Timer implements TrainingListener {
    private final List<Double> times = new ArrayList<>();
    private final List<Long> tokens = new ArrayList<>();
    private long before;

    @Override
    public void stepDone(StepRecord record) {
      long now = System.nanoTime();
      if (record.step() > 1) {
        times.add((now - before) / 1e9);
        tokens.add(record.tokens());
      }
      before = now;
    }

    List<Double> speeds() {
      List<Double> speeds = new ArrayList<>();
      for (int i = 0; i < times.size(); i++) {
        speeds.add(tokens.get(i) / times.get(i));
      }
      return speeds;
    }

    List<Double> ratios(Timer baseline) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < times.size(); i++) {
        ratios.add(times.get(i) / baseline.times.get(i));
      }
      return ratios;
    }
  }
}
