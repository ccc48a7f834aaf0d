package io.github.lorascope.examples;

import io.github.lorascope.LorascopeVersion;
import io.github.lorascope.curve.CurveAnalysis;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.Triples;
import io.github.lorascope.data.TriplesOverlap;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.train.Evaluation;
import io.github.lorascope.train.ProgressBar;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Trainer;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A training as the examples do it: with a progress bar, stopped cleanly by an interrupt, and
 * summed up in its folder.
 *
 * @param evaluation what is evaluated on; null: nothing
 * @param looked what its listeners look at, if they do
 */
record TrainingJob(
    Decoder decoder,
    Reranker reranker,
    LoraAdapter adapter,
    Triples train,
    Triples evaluation,
    TrainingOptions options,
    RunFolder folder,
    boolean resume,
    Optional<HeldOut> looked,
    List<TrainingListener> listeners) {

  /** The taps that every example attaches: they cost next to nothing. */
  static List<TrainingListener> taps() {
    return List.of(GradientTap.perLayer());
  }

  /** Trains, and writes the summary and the shape of the curves if the run came to its end. */
  TrainingRun run() {
    Optional<TriplesOverlap> shared =
        Optional.ofNullable(evaluation).map(pairs -> warnOfOverlap(train, pairs));
    AtomicBoolean trained = new AtomicBoolean();
    Trainer trainer =
        Trainer.of(reranker, adapter)
            .data(new EpochSampler(train, options.seed()))
            .evaluation(evaluation == null ? List.of() : evaluation.evaluationPairs())
            .options(options)
            .folder(folder, resume)
            .provenance(beside(Map.of())) // a trainer identifies the model itself
            .listen(ProgressBar.standard())
            .listen(listeners.toArray(TrainingListener[]::new))
            .listen(
                new TrainingListener() {
                  @Override
                  public void finished(TrainingRun run) {
                    trained.set(true);
                  }
                })
            .build();
    StopOnInterrupt hook = StopOnInterrupt.of(trainer::stop);
    try {
      TrainingRun run = trainer.run();
      if (!run.isFinished()) {
        System.err.println("stopped after step " + run.steps());
        return run;
      }
      // A run that was finished before keeps its own: this process has used other memory.
      if (trained.get() || !Files.exists(folder.summary())) {
        folder.writeSummary(summary(run, shared));
      }
      CurveAnalysis.of(folder.path()).write(folder.path());
      return run;
    } finally {
      hook.end(); // behind which the JVM may go at any moment
    }
  }

  /** Warns of queries that are in both, and tells what else is. */
  static TriplesOverlap warnOfOverlap(Triples train, Triples evaluation) {
    TriplesOverlap shared = TriplesOverlap.of(train, evaluation);
    overlap(shared, evaluation).ifPresent(warning -> System.err.println("warning: " + warning));
    return shared;
  }

  /** Says how many triples an evaluation asks about that the training may have learned by heart. */
  static Optional<String> overlap(Triples train, Triples evaluation) {
    return overlap(TriplesOverlap.of(train, evaluation), evaluation);
  }

  private static Optional<String> overlap(TriplesOverlap shared, Triples evaluation) {
    return shared.queries() == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%,d of the %,d triples to evaluate on have a query that is trained on, %,d of them"
                    + " with the same relevant passage: the accuracy may be too high for others",
                shared.queries(),
                evaluation.size(),
                shared.pairs()));
  }

  /** What its numbers come from. */
  Map<String, String> provenance() {
    return beside(ModelIdentity.of(decoder));
  }

  /** Adds what its numbers come from beside the model. */
  private Map<String, String> beside(Map<String, String> model) {
    Map<String, String> values = new TreeMap<>(model);
    values.put("lorascope", LorascopeVersion.get());
    values.put("data", train.name());
    values.put("data_sha256", train.sha256());
    if (evaluation != null) {
      values.put("evaluation", evaluation.name());
      values.put("evaluation_sha256", evaluation.sha256());
    }
    return looked.map(pairs -> pairs.in(values)).orElse(values);
  }

  private Map<String, Object> summary(TrainingRun run, Optional<TriplesOverlap> shared) {
    Map<String, Object> values = new LinkedHashMap<>();
    run.before().ifPresent(e -> put(values, "accuracy_before", e));
    run.after().ifPresent(e -> put(values, "accuracy_after", e));
    shared.ifPresent(
        overlap -> {
          values.put("evaluation_shared_queries", overlap.queries());
          values.put("evaluation_shared_passages", overlap.passages());
        });
    values.put("steps", run.steps());
    values.put("pairs", run.pairs());
    values.put("tokens", run.tokens());
    values.put("tokens_per_second", run.tokensPerSecond());
    values.put("seconds", run.seconds());
    values.put("model", decoder.name().orElse("random"));
    values.put("data", train.name());
    values.put("data_sha256", train.sha256());
    values.put("seed", options.seed());
    values.put("learning_rate", options.learningRate());
    values.put("schedule", options.schedule().toString());
    values.put("targets", String.join(",", adapter.config().targets()));
    values.put("rank", adapter.config().rank());
    values.put("alpha", adapter.config().alpha());
    values.put("dropout", adapter.config().dropout());
    values.put("head_trained", options.trainHead());
    values.put("passage_tokens", reranker.limits().passageTokens());
    values.put("precision", decoder.precision().toString());
    values.put("quantization", decoder.options().quantization().toString());
    values.put("backend", decoder.backend().description());
    values.put("peak_memory_bytes", decoder.backend().memory().peak());
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("lorascope", LorascopeVersion.get());
    versions.put("java", System.getProperty("java.version"));
    values.put("versions", versions);
    return values;
  }

  private static void put(Map<String, Object> values, String name, Evaluation evaluation) {
    Proportion accuracy = evaluation.accuracy();
    values.put(name, accuracy.accuracy());
    values.put(name + "_low", accuracy.low());
    values.put(name + "_high", accuracy.high());
    values.put(name + "_n", accuracy.trials());
  }
}
