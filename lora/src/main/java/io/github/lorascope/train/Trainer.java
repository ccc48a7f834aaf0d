package io.github.lorascope.train;

import io.github.lorascope.LorascopeVersion;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.io.FileDigest;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.rerank.ScoreException;
import io.github.lorascope.tensor.MemoryScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains an adapter: AdamW on the mean cross-entropy of pairs. With a run folder it writes
 * checkpoints, and a run that was killed goes on from the last one to the same parameters, bit for
 * bit, by the same version on the same backend with the same threads and memory cap.
 *
 * <pre>{@code
 * Triples data = Triples.sample(Path.of("triples.train.tsv.gz"), 50_000, 0);
 * Trainer trainer =
 *     Trainer.of(reranker, adapter)
 *         .data(new EpochSampler(data, 0))
 *         .evaluation(Triples.tsv(Path.of("triples.dev.tsv.gz"), 400).evaluationPairs())
 *         .options(TrainingOptions.builder().steps(2_000).evaluateEvery(100).build())
 *         .folder(new RunFolder(Path.of("runs/phi3")), true)
 *         .listen(ProgressBar.standard())
 *         .build();
 * System.out.println(trainer.run().after().orElseThrow().accuracy());
 * }</pre>
 */
public final class Trainer {
  private static final Logger log = LoggerFactory.getLogger(Trainer.class);
  private static final double SMOOTHING = 0.95;

  private final Reranker reranker;
  private final LoraAdapter adapter;
  private final Backend backend;
  private final PromptBatches batches;
  private final TrainingOptions options;
  private final Evaluator evaluator;
  private final RunFolder folder;
  private final boolean resume;
  private final Map<String, String> provenance;
  private final Map<String, String> settings;
  private final List<TrainingListener> listeners;

  private volatile boolean stopped;

  private boolean begun;
  private int step;
  private double lossMean;
  private long tokens;
  private double seconds;
  private Optional<Evaluation> before = Optional.empty();
  private Optional<Evaluation> after = Optional.empty();
  private Optional<StepRecord> unevaluated = Optional.empty();

  private Trainer(Builder builder) {
    this.adapter = builder.adapter;
    this.reranker = builder.reranker.withAdapter(adapter.view());
    this.backend = adapter.decoder().backend();
    EpochSampler data = Objects.requireNonNull(builder.data, "give data(...)");
    this.options = builder.options;
    this.batches = new PromptBatches(data, reranker, options.batch());
    this.evaluator =
        builder.evaluation.isEmpty() ? null : new Evaluator(reranker, builder.evaluation);
    this.folder = builder.folder;
    this.resume = builder.resume;
    this.provenance = new TreeMap<>(ModelIdentity.of(adapter.decoder()));
    this.provenance.putAll(builder.provenance);
    this.settings =
        TrainingSettings.of(provenance, data, builder.evaluation, options, reranker, adapter);
    this.listeners = List.copyOf(builder.listeners);
    QueryLengths.check(data.triples(), reranker);
  }

  /**
   * Begins a training.
   *
   * @param reranker makes the prompts
   * @param adapter what is trained, of the reranker's decoder
   * @return the builder
   * @throws IllegalArgumentException if the adapter is of another decoder
   */
  public static Builder of(Reranker reranker, LoraAdapter adapter) {
    adapter.requireDecoder(reranker.decoder());
    return new Builder(reranker, adapter);
  }

  /**
   * Asks the training to end after the step or in the evaluation that it is in, with a checkpoint;
   * in the evaluation before the first step with nothing to go on with. An evaluation that was cut
   * short is made anew when the run goes on. May be called from any thread, and before {@link
   * #run}.
   */
  public void stop() {
    stopped = true;
  }

  /**
   * Trains to the last step, or until it is stopped. Called again, a finished training returns the
   * same, and trains no more; one that is not finished is gone on with by another trainer on the
   * same folder.
   *
   * @return what it came to
   * @throws IllegalStateException if it ran before, and did not finish
   * @throws NonFiniteLossException if the loss or the gradient is not finite any more
   * @throws TrainingException if the run folder holds another run, is another training's, or cannot
   *     be written
   * @throws io.github.lorascope.tensor.MemoryCapException if a batch does not fit the memory
   */
  public TrainingRun run() {
    if (isFinished()) {
      return result();
    }
    if (begun) {
      throw new IllegalStateException(
          "this trainer was stopped or failed: build another one, which goes on from the run's folder");
    }
    begun = true;
    RunLock lock = folder == null ? null : folder.lock();
    try {
      return train();
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
  }

  private TrainingRun train() {
    adapter.askedWith(reranker.settings());
    try (MemoryScope memory = backend.scope("the state of the optimizer")) {
      Optimizer optimizer = new Optimizer(adapter, batches, options, listeners, memory);
      boolean resumed = resumed(optimizer);
      if (isFinished()) {
        log.info("the run is finished: {} steps", step);
        return result();
      }
      if (!begin(resumed, optimizer)) {
        return ended();
      }
      boolean ending = stopped;
      if (!ending && unevaluated.isPresent()) {
        ending = conclude(unevaluated.get(), optimizer);
      }
      while (step < options.steps() && !ending) {
        StepRecord record = step(optimizer);
        listeners.forEach(l -> l.stepDone(record));
        ending = conclude(record, optimizer);
      }
      return ended();
    }
  }

  /**
   * Evaluates a step where that is due, and keeps it.
   *
   * @return whether the training ends here, and has its checkpoint
   */
  private boolean conclude(StepRecord record, Optimizer optimizer) {
    Evaluation evaluation = null;
    boolean carriedOver = unevaluated.isPresent();
    unevaluated = Optional.empty();
    try {
      evaluation = isEvaluated(step) ? evaluate() : null;
    } catch (StoppedException e) {
      unevaluated = Optional.of(record);
    }
    if (step == options.steps()) {
      after = Optional.ofNullable(evaluation);
    }
    boolean ending = stopped; // asked once, so that a run that ends has its checkpoint
    boolean due = step % options.checkpointEvery() == 0 || step == options.steps();
    boolean kept = due || ending || carriedOver; // what the folder holds says it is unevaluated
    if (kept && !parametersAreFinite()) {
      throw new NonFiniteLossException(step, "the update makes the adapter infinite");
    }
    if (folder != null) {
      if (unevaluated.isEmpty()) {
        folder.append(record, evaluation);
      }
      if (kept) {
        adapter.save(folder.adapter(), provenance);
        writeState(optimizer);
      }
    }
    return ending;
  }

  private boolean isFinished() {
    return after.isPresent() || (evaluator == null && step == options.steps());
  }

  private TrainingRun ended() {
    TrainingRun run = result();
    listeners.forEach(l -> l.finished(run));
    return run;
  }

  private boolean isEvaluated(int atStep) {
    return evaluator != null
        && (atStep == options.steps()
            || (options.evaluateEvery() > 0 && atStep % options.evaluateEvery() == 0));
  }

  /** Takes over the state of the run that the folder holds, if it holds one. */
  private boolean resumed(Optimizer optimizer) {
    if (folder == null || !folder.holdsRun()) {
      return false;
    }
    if (!resume) {
      throw new TrainingException(
          folder.path() + " already holds a run: resume it (--resume), or choose another folder");
    }
    TrainingState state =
        TrainingState.read(
            folder.state(),
            settings,
            adapter.parameters(),
            optimizer.moment1(),
            optimizer.moment2());
    boolean beyond = state.step() > options.steps();
    if (beyond || (state.after().isPresent() && state.step() < options.steps())) {
      throw new TrainingException(
          folder.state()
              + " is damaged: step "
              + state.step()
              + " of "
              + options.steps()
              + (beyond ? "" : ", and an evaluation after the last"));
    }
    step = state.step();
    lossMean = state.lossMean();
    tokens = state.tokens();
    seconds = state.seconds();
    before = state.before();
    after = state.after();
    unevaluated = state.unevaluated();
    return true;
  }

  /**
   * Starts anew, with an evaluation of the untrained model, or goes on.
   *
   * @return false if it was stopped in that evaluation, so that there is nothing to go on with
   */
  private boolean begin(boolean resumed, Optimizer optimizer) {
    if (folder != null) {
      new StepLog(folder.metrics()).keepUpTo(unevaluated.isPresent() ? step - 1 : step);
    }
    TrainingStart start =
        new TrainingStart(
            step,
            resumed,
            unevaluated.isPresent(),
            options,
            adapter,
            reranker,
            Optional.ofNullable(folder),
            told());
    listeners.forEach(l -> l.started(start));
    if (resumed) {
      log.info("resuming the run in {} after step {} of {}", folder.path(), step, options.steps());
      return true;
    }
    if (evaluator != null) {
      try {
        before = Optional.of(evaluate());
      } catch (StoppedException e) {
        return false;
      }
    }
    if (folder != null) {
      folder.writeProvenance(withStart(told()));
      // The state first, so that an adapter without one is of another origin.
      writeState(optimizer);
      adapter.save(folder.adapter(), provenance);
    }
    return true;
  }

  /** The settings, and which version trains, which is not compared. */
  private Map<String, String> told() {
    Map<String, String> values = new TreeMap<>(settings);
    values.put(TrainingSettings.VERSION, LorascopeVersion.get());
    return values;
  }

  /** Where the parameters started is told but not compared. */
  private Map<String, String> withStart(Map<String, String> told) {
    Map<String, String> values = new TreeMap<>(told);
    adapter
        .source()
        .ifPresent(
            file -> {
              values.put("start_adapter", file.toString());
              values.put("start_adapter_sha256", FileDigest.sha256(file));
            });
    return values;
  }

  /** Ends an evaluation, which takes longer than a step. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void evaluating(int done, int total) {
    listeners.forEach(l -> l.evaluating(done, total));
    if (stopped && done < total) {
      throw new StoppedException();
    }
  }

  private Evaluation evaluate() {
    int total = evaluator.pairs().size();
    Evaluation evaluation;
    try {
      evaluation = evaluator.evaluate(done -> evaluating(done, total));
    } catch (ScoreException e) {
      if (step == 0) {
        throw e; // of the model as it was given, not of the training
      }
      NonFiniteLossException stop = new NonFiniteLossException(step, "an answer is not a number");
      stop.initCause(e);
      throw stop;
    }
    listeners.forEach(l -> l.evaluated(step, evaluation));
    return evaluation;
  }

  private StepRecord step(Optimizer optimizer) {
    long start = System.nanoTime();
    backend.memory().mark();
    Optimizer.Outcome outcome;
    try {
      outcome = optimizer.step(step + 1);
    } catch (NonFiniteLossException e) {
      keepParameters();
      throw e;
    }
    step++;
    lossMean = SMOOTHING * lossMean + (1 - SMOOTHING) * outcome.loss();
    tokens += outcome.tokens();
    seconds += (System.nanoTime() - start) / 1e9;
    return new StepRecord(
        step,
        outcome.loss(),
        lossMean / (1 - Math.pow(SMOOTHING, step)),
        outcome.accuracy(),
        outcome.probability(),
        outcome.learningRate(),
        outcome.gradientNorm(),
        outcome.tokens(),
        backend.memory().neededSinceMark());
  }

  /** Saves what the step before left, unless its update made it infinite. */
  private void keepParameters() {
    if (folder != null && parametersAreFinite()) {
      adapter.save(folder.adapter(), provenance);
    }
  }

  private boolean parametersAreFinite() {
    return Double.isFinite(backend.squaredNorm(adapter.parameters()));
  }

  private void writeState(Optimizer optimizer) {
    new TrainingState(step, lossMean, tokens, seconds, before, after, unevaluated, settings)
        .write(folder.state(), adapter.parameters(), optimizer.moment1(), optimizer.moment2());
  }

  private TrainingRun result() {
    long pairs = (long) step * options.batch() * options.accumulate();
    return new TrainingRun(step, pairs, tokens, seconds, before, after, isFinished());
  }

  /** Gathers what a training needs. */
  public static final class Builder {
    private final Reranker reranker;
    private final LoraAdapter adapter;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private EpochSampler data;
    private List<PairExample> evaluation = List.of();
    private TrainingOptions options = TrainingOptions.builder().build();
    private RunFolder folder;
    private boolean resume;
    private Map<String, String> provenance = Map.of();

    private Builder(Reranker reranker, LoraAdapter adapter) {
      this.reranker = reranker;
      this.adapter = adapter;
    }

    /**
     * Sets what is trained on; required.
     *
     * @param sampler gives the pair of every index
     * @return this
     */
    public Builder data(EpochSampler sampler) {
      data = sampler;
      return this;
    }

    /**
     * Sets what is evaluated on, before, after and as often as the options say.
     *
     * @param pairs the pairs; none: no evaluation
     * @return this
     */
    public Builder evaluation(List<PairExample> pairs) {
      evaluation = List.copyOf(pairs);
      return this;
    }

    /**
     * Sets the settings.
     *
     * @param settings the settings
     * @return this
     */
    public Builder options(TrainingOptions settings) {
      options = settings;
      return this;
    }

    /**
     * Sets where the run is kept.
     *
     * @param out the folder; without one, nothing is written
     * @param goOn whether to go on with a run that the folder holds
     * @return this
     */
    public Builder folder(RunFolder out, boolean goOn) {
      folder = out;
      resume = goOn;
      return this;
    }

    /**
     * Says what the adapter comes from beside its model (see {@link ModelIdentity}); it is written
     * with it, and must be the same when the run is resumed.
     *
     * @param values such as the names and hashes of the data
     * @return this
     */
    public Builder provenance(Map<String, String> values) {
      provenance = Map.copyOf(values);
      return this;
    }

    /**
     * Adds listeners.
     *
     * @param more they are told in this order
     * @return this
     */
    public Builder listen(TrainingListener... more) {
      listeners.addAll(List.of(more));
      return this;
    }

    /**
     * Makes the trainer.
     *
     * @return the trainer
     * @throws PromptException if a query of the data or of the evaluation leaves no room for its
     *     passages
     */
    public Trainer build() {
      return new Trainer(this);
    }
  }
}
