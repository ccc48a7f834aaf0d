package io.github.lorascope.train;

import io.github.lorascope.LorascopeVersion;
import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triple;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.io.FileDigest;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.rerank.ScoreException;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains an adapter: AdamW on the mean cross-entropy of pairs. With a run folder it writes
 * checkpoints, and a run that was killed goes on from the last one to the same parameters, bit for
 * bit, on the same backend with the same threads.
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
  static final String DATA_HASH = "data_sha256";
  static final String DATA_SEED = "data_seed";
  static final String EVALUATION_HASH = "evaluation_pairs_sha256";

  private static final Logger log = LoggerFactory.getLogger(Trainer.class);
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final double SMOOTHING = 0.95;

  /** More than a tokenizer adds to a text by itself. */
  private static final int ADDED_TOKENS = 8;

  private final Reranker reranker;
  private final LoraAdapter adapter;
  private final Backend backend;
  private final EpochSampler data;
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
    this.data = Objects.requireNonNull(builder.data, "data");
    this.options = builder.options;
    this.batches = new PromptBatches(data, reranker, options.batch());
    this.evaluator =
        builder.evaluation.isEmpty() ? null : new Evaluator(reranker, builder.evaluation);
    this.folder = builder.folder;
    this.resume = builder.resume;
    this.provenance = new TreeMap<>(ModelIdentity.of(adapter.decoder()));
    this.provenance.putAll(builder.provenance);
    this.settings = settings();
    this.listeners = List.copyOf(builder.listeners);
    checkQueries();
  }

  /**
   * Finds a query that is too long now rather than at its step. A token is at least a byte, so most
   * need no tokenizer.
   */
  private void checkQueries() {
    int room = reranker.limits().maxTokens() - ADDED_TOKENS;
    Set<String> longQueries = new HashSet<>();
    for (Triple triple : data.triples().list()) {
      String prompt = reranker.prompt().render(triple.query(), "", "").text();
      if (prompt.getBytes(StandardCharsets.UTF_8).length > room
          && longQueries.add(triple.query())) {
        try {
          reranker.encode(new PassagePair(triple.query(), triple.positive(), triple.negative()));
        } catch (PromptException e) {
          String start = triple.query().substring(0, Math.min(60, triple.query().length()));
          throw new PromptException(
              data.triples().source() + ": a query (" + start + "...): " + e.getMessage(), e);
        }
      }
    }
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
    try (MemoryScope memory = backend.scope("the state of the optimizer")) {
      int size = adapter.parameters().columns();
      Tensor gradients = memory.zeros(1, size);
      Tensor moment1 = memory.zeros(1, size);
      Tensor moment2 = memory.zeros(1, size);
      boolean resumed = resumed(moment1, moment2);
      if (isFinished()) {
        log.info("the run is finished: {} steps", step);
        return result();
      }
      if (!begin(resumed, moment1, moment2)) {
        return ended();
      }
      AdapterTensors gradientView = adapter.view(gradients);
      boolean ending = stopped;
      if (!ending && unevaluated.isPresent()) {
        ending = conclude(unevaluated.get(), moment1, moment2);
      }
      while (step < options.steps() && !ending) {
        StepRecord record = step(gradients, gradientView, moment1, moment2);
        listeners.forEach(l -> l.stepDone(record));
        ending = conclude(record, moment1, moment2);
      }
      return ended();
    }
  }

  /**
   * Evaluates a step where that is due, and keeps it.
   *
   * @return whether the training ends here, and has its checkpoint
   */
  private boolean conclude(StepRecord record, Tensor moment1, Tensor moment2) {
    Evaluation evaluation = null;
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
    boolean kept = step % options.checkpointEvery() == 0 || step == options.steps() || ending;
    if (kept && !parametersAreFinite()) {
      throw new NonFiniteLossException(step, "the update makes the adapter infinite");
    }
    if (folder != null) {
      if (unevaluated.isEmpty()) {
        folder.append(record, evaluation);
      }
      if (kept) {
        checkpoint(moment1, moment2);
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
  private boolean resumed(Tensor moment1, Tensor moment2) {
    if (folder == null || !folder.holdsRun()) {
      return false;
    }
    if (!resume) {
      throw new TrainingException(
          folder.path() + " already holds a run: resume it (--resume), or choose another folder");
    }
    TrainingState state =
        TrainingState.read(folder.state(), settings, adapter.parameters(), moment1, moment2);
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
  private boolean begin(boolean resumed, Tensor moment1, Tensor moment2) {
    if (folder != null) {
      new StepLog(folder.metrics()).keepUpTo(step);
    }
    TrainingStart start =
        new TrainingStart(
            step, resumed, options, adapter, reranker, Optional.ofNullable(folder), settings);
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
      folder.writeProvenance(withStart(settings));
      // The state first, so that an adapter without one is of another origin.
      writeState(moment1, moment2);
      adapter.save(folder.adapter(), provenance);
    }
    return true;
  }

  /** Where the parameters started, and which version trains, is told but not compared. */
  private Map<String, String> withStart(Map<String, String> settings) {
    Map<String, String> values = new TreeMap<>(settings);
    values.put("lorascope", LorascopeVersion.get());
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

  private StepRecord step(
      Tensor gradients, AdapterTensors gradientView, Tensor moment1, Tensor moment2) {
    long start = System.nanoTime();
    backend.memory().mark();
    backend.scale(gradients, 0);
    BatchResult sum = new BatchResult();
    for (int i = 0; i < options.accumulate(); i++) {
      accumulate((long) step * options.accumulate() + i, gradientView, sum);
    }
    int pairs = options.batch() * options.accumulate();
    double loss = sum.loss / pairs;
    double norm = Math.sqrt(backend.squaredNorm(gradients));
    checkFinite("the loss is " + loss, loss);
    checkFinite("the gradient's norm is " + norm, norm);
    int current = step + 1;
    listeners.forEach(l -> l.gradient(current, gradients));
    if (options.clip() > 0 && norm > options.clip()) {
      backend.scale(gradients, options.clip() / (norm + 1e-6)); // as PyTorch clips
    }
    listeners.forEach(l -> l.clipped(current, gradients));
    double rate =
        options.learningRate() * options.schedule().factor(step, options.steps(), options.warmup());
    step = current;
    backend.adamW(
        adapter.parameters(),
        gradients,
        moment1,
        moment2,
        new AdamW(rate, BETA1, BETA2, EPSILON, options.weightDecay(), step));
    listeners.forEach(l -> l.updated(current, adapter.parameters()));
    lossMean = SMOOTHING * lossMean + (1 - SMOOTHING) * loss;
    tokens += sum.tokens;
    seconds += (System.nanoTime() - start) / 1e9;
    double smoothed = lossMean / (1 - Math.pow(SMOOTHING, step));
    return new StepRecord(
        step,
        loss,
        smoothed,
        (double) sum.right / pairs,
        sum.probability / pairs,
        rate,
        norm,
        sum.tokens,
        backend.memory().neededSinceMark());
  }

  /** What one step's passes add up to. */
  private static final class BatchResult {
    double loss;
    double probability;
    int right;
    long tokens;
  }

  private void accumulate(long pass, AdapterTensors gradients, BatchResult sum) {
    PromptBatches.PromptBatch prompts = batches.get(pass);
    TokenBatch batch = prompts.tokens();
    int[] labels = prompts.labels();
    long seed = options.seed() * 0x9E3779B97F4A7C15L + pass;
    PassOptions how = new PassOptions(true, adapter.config().dropout(), seed, options.recompute());
    try (DecoderPass forward = adapter.decoder().forward(batch, adapter.view(), how);
        MemoryScope scratch = backend.scope("the gradient of the logits")) {
      Tensor logits = forward.logits();
      Tensor dLogits = scratch.tensor(logits.rows(), logits.columns());
      double scale = 1.0 / ((double) options.batch() * options.accumulate());
      double[] losses = backend.crossEntropy(logits, labels, scale, dLogits);
      float[] answers = logits.toArray();
      for (int i = 0; i < labels.length; i++) {
        PairScore score = new PairScore(answers[2 * i], answers[2 * i + 1]);
        sum.loss += losses[i];
        sum.probability += score.probability(labels[i]);
        sum.right += score.preferred() == labels[i] ? 1 : 0;
      }
      sum.tokens += batch.tokens();
      checkFinite("the loss is " + sum.loss, sum.loss);
      int current = step + 1;
      forward.backward(
          dLogits,
          gradients,
          (layers, gradient) ->
              listeners.forEach(l -> l.residualGradient(current, layers, gradient)));
      if (pass + 1 < (long) options.steps() * options.accumulate()) {
        batches.prepare(pass + 1); // the device is still going back
      }
    }
  }

  /** The parameters are those that the step before left, so they are worth keeping. */
  private void checkFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      // An update may have made them infinite too; then the last checkpoint is worth more.
      if (folder != null && parametersAreFinite()) {
        adapter.save(folder.adapter(), provenance);
      }
      throw new NonFiniteLossException(step + 1, what);
    }
  }

  private boolean parametersAreFinite() {
    return Double.isFinite(backend.squaredNorm(adapter.parameters()));
  }

  private void checkpoint(Tensor moment1, Tensor moment2) {
    adapter.save(folder.adapter(), provenance);
    writeState(moment1, moment2);
  }

  private void writeState(Tensor moment1, Tensor moment2) {
    new TrainingState(step, lossMean, tokens, seconds, before, after, unevaluated, settings)
        .write(folder.state(), adapter.parameters(), moment1, moment2);
  }

  /** What a run's numbers depend on; a resumed run must have the same. */
  private Map<String, String> settings() {
    Map<String, String> values = new TreeMap<>(provenance);
    values.putIfAbsent(DATA_HASH, data.triples().sha256());
    values.put(DATA_SEED, Long.toString(data.seed()));
    if (evaluator != null) {
      values.put(EVALUATION_HASH, PairExample.sha256(evaluator.pairs()));
    }
    values.put("steps", Integer.toString(options.steps()));
    values.put("batch", Integer.toString(options.batch()));
    values.put("accumulate", Integer.toString(options.accumulate()));
    values.put("learning_rate", Double.toString(options.learningRate()));
    values.put("schedule", options.schedule().toString());
    values.put("warmup", Integer.toString(options.warmup()));
    values.put("weight_decay", Double.toString(options.weightDecay()));
    values.put("clip", Double.toString(options.clip()));
    values.put("seed", Long.toString(options.seed()));
    values.put("adapter", adapter.config().toString());
    values.put("prompt", reranker.prompt().template());
    values.put("passage_tokens", Integer.toString(reranker.limits().passageTokens()));
    values.put("max_tokens", Integer.toString(reranker.limits().maxTokens()));
    values.put("precision", adapter.decoder().precision().toString());
    values.put("quantization", adapter.decoder().options().quantization().toString());
    values.put("backend", backend.name());
    return values;
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
