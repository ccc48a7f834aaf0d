package io.github.lorascope.ablation;

import io.github.lorascope.LorascopeVersion;
import io.github.lorascope.curve.CurveAnalysis;
import io.github.lorascope.curve.StepSeries;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.lora.LoraConfig;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.Evaluator;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Trainer;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks which layers have to be trained: trains groups of layers from scratch, each with the same
 * data in the same order and the same first parameters by seed, all other layers without a path,
 * and compares them on the same pairs.
 *
 * <pre>{@code
 * LayerFreezing freezing =
 *     LayerFreezing.of(reranker, triples, pairs)
 *         .groups(LayerGroup.standard(model.config().layers()))
 *         .seeds(0, 1, 2)
 *         .adapter(lora -> lora.targets("qkv_proj").rank(16).alpha(32))
 *         .options(TrainingOptions.builder().steps(200).learningRate(1e-3).build())
 *         .folder(folder)
 *         .build();
 * System.out.println(freezing.run().table()); // goes on where it was interrupted
 * }</pre>
 *
 * <p>Every training is an ordinary run in {@code ablation/GROUP-seedK} of the folder, with {@code
 * answers.json} beside it: which pairs it answers right. {@code ablation.json} is replaced after
 * each that ends, so that what there is can be reported. Seed by seed all groups are trained, so
 * that they can be compared early. Called again on the same folder, finished trainings are read
 * back and an interrupted one goes on from its checkpoint, to the same numbers.
 *
 * <p>The rank is the same in every group, so a group of few layers has few parameters; a group that
 * lags may lack either. The result gives the count.
 */
public final class LayerFreezing {
  /** Where the smoothed loss is when the plateau at ln 2 is surely left, in nats. */
  public static final double CLIMB_LOSS = 0.6;

  private static final int CLIMB_WINDOW = 21;

  /** Settings that differ from run to run. */
  private static final Set<String> OF_ONE_RUN = Set.of("adapter", "seed", "data_seed");

  private static final Logger log = LoggerFactory.getLogger(LayerFreezing.class);

  private final Reranker reranker;
  private final Triples triples;
  private final List<PairExample> pairs;
  private final String pairsHash;
  private final List<LayerGroup> groups;
  private final List<Long> seeds;
  private final UnaryOperator<LoraAdapter.Builder> adapters;
  private final TrainingOptions options;
  private final Path folder;
  private final Map<String, String> provenance;
  private final RunListeners listeners;
  private final List<Long> parameters = new ArrayList<>();
  private final Map<String, String> adapterSettings = new TreeMap<>();

  private volatile boolean stopped;
  private volatile Trainer current;

  private LayerFreezing(Builder builder) {
    this.reranker = builder.reranker;
    this.triples = builder.triples;
    this.pairs = builder.pairs;
    this.pairsHash = PairExample.sha256(pairs);
    Decoder decoder = reranker.decoder();
    this.groups =
        builder.groups.isEmpty()
            ? LayerGroup.standard(decoder.config().layers())
            : List.copyOf(builder.groups);
    this.seeds = builder.seeds;
    this.adapters = builder.adapters;
    this.options = builder.options;
    this.folder = Objects.requireNonNull(builder.folder, "give folder(...)");
    this.provenance = provenance(builder.provenance);
    this.listeners = builder.listeners;
    checkGroups(decoder.config().layers());
    // Made once before anything is trained, so that a wrong target is said now.
    for (LayerGroup group : groups) {
      try (LoraAdapter adapter = adapter(group, 0)) {
        parameters.add(options.trainedParameters(adapter));
        describe(adapter.config());
      }
    }
  }

  private void checkGroups(int depth) {
    if (groups.stream().map(LayerGroup::name).distinct().count() < groups.size()) {
      throw new IllegalArgumentException("two groups of one name: " + groups);
    }
    for (LayerGroup group : groups) {
      for (int layer : group.layers()) {
        if (layer < 0 || layer >= depth) {
          throw new IllegalArgumentException(
              "the group "
                  + group
                  + " names layer "
                  + layer
                  + " of a model with the layers 0 to "
                  + (depth - 1));
        }
      }
    }
  }

  private void describe(LoraConfig config) {
    adapterSettings.put("targets", String.join(",", config.targets()));
    adapterSettings.put("rank", Integer.toString(config.rank()));
    adapterSettings.put("alpha", Double.toString(config.alpha()));
    adapterSettings.put("dropout", Double.toString(config.dropout()));
    adapterSettings.put("rank_stabilized", Boolean.toString(config.rankStabilized()));
  }

  private Map<String, String> provenance(Map<String, String> given) {
    Map<String, String> values = new TreeMap<>();
    values.put("lorascope", LorascopeVersion.get());
    reranker.decoder().name().ifPresent(name -> values.put("model", name));
    reranker.decoder().revision().ifPresent(commit -> values.put("model_revision", commit));
    values.put("data", triples.name());
    values.put("data_sha256", triples.sha256());
    values.putAll(given);
    return values;
  }

  /**
   * Begins an ablation.
   *
   * @param reranker makes the prompts and brings the model; its own adapter is not heeded
   * @param triples what is trained on
   * @param pairs what is evaluated on, at least two
   * @return the builder
   */
  public static Builder of(Reranker reranker, Triples triples, List<PairExample> pairs) {
    return new Builder(reranker, triples, pairs);
  }

  /**
   * Asks the ablation to end for good after the step or in the evaluation that it is in, with a
   * checkpoint. May be called from any thread.
   */
  public void stop() {
    stopped = true;
    Trainer training = current;
    if (training != null) {
      training.stop();
    }
  }

  /**
   * Trains what is not trained yet, until it is done or stopped. What is finished is read back
   * before that, so that {@code ablation.json} never has fewer runs than it had.
   *
   * @return what was found; incomplete if it was stopped
   * @throws io.github.lorascope.train.TrainingException if a run's folder holds a run of other
   *     settings, cannot be written, or its loss is not finite any more
   * @throws io.github.lorascope.tensor.MemoryCapException if a batch does not fit the memory
   */
  public Ablation run() {
    List<AblationRun> runs = new ArrayList<>();
    List<Supplier<Optional<AblationRun>>> left = new ArrayList<>();
    int finished = 0;
    for (long seed : seeds) {
      for (LayerGroup group : groups) {
        if (isFinished(runFolder(group.name(), seed))) {
          train(group, seed).ifPresent(runs::add);
          finished++;
        } else {
          left.add(() -> train(group, seed));
        }
      }
    }
    if (!runs.isEmpty() && runs.size() == finished) {
      ablation(runs).write(folder);
    }
    for (Supplier<Optional<AblationRun>> training : left) {
      if (stopped) {
        break;
      }
      Optional<AblationRun> trained = training.get();
      if (trained.isPresent()) {
        runs.add(trained.get());
        ablation(runs).write(folder);
      }
    }
    return ablation(runs);
  }

  /** The summary comes last of all. */
  private static boolean isFinished(RunFolder run) {
    return Files.exists(run.summary());
  }

  private RunFolder runFolder(String group, long seed) {
    return new RunFolder(folder.resolve("ablation").resolve(group + "-seed" + seed));
  }

  /**
   * Starts as the adapter of all layers does, so that groups of one seed differ in nothing but the
   * layers: drawn for its layers alone, it would get another head.
   */
  private LoraAdapter adapter(LayerGroup group, long seed) {
    int[] layers = group.layers().stream().mapToInt(Integer::intValue).toArray();
    LoraAdapter adapter = builder().layers(layers).seed(seed).attach();
    try (LoraAdapter whole = builder().layers().seed(seed).attach()) {
      Map<String, Tensor> start = whole.named(whole.parameters());
      adapter
          .named(adapter.parameters())
          .forEach((name, tensor) -> tensor.set(start.get(name).toArray()));
      return adapter;
    } catch (RuntimeException | Error e) {
      adapter.close();
      throw e;
    }
  }

  private LoraAdapter.Builder builder() {
    return adapters.apply(LoraAdapter.on(reranker.decoder()));
  }

  /** Returns nothing if it was stopped. */
  private Optional<AblationRun> train(LayerGroup group, long seed) {
    log.info("group {}, seed {}", group, seed);
    RunFolder own = runFolder(group.name(), seed);
    try (LoraAdapter adapter = adapter(group, seed)) {
      Trainer trainer =
          Trainer.of(reranker, adapter)
              .data(new EpochSampler(triples, seed))
              .evaluation(options.evaluateEvery() > 0 ? pairs : List.of())
              .options(options.toBuilder().seed(seed).build())
              .folder(own, true)
              .provenance(provenance)
              .listen(listeners.of(group, seed).toArray(TrainingListener[]::new))
              .build();
      current = trainer;
      if (stopped) {
        trainer.stop(); // asked for before there was a trainer to tell
      }
      TrainingRun run = trainer.run();
      if (!run.isFinished()) {
        return Optional.empty();
      }
      String parametersHash = adapter.view().sha256();
      Optional<StoredAnswers> stored = StoredAnswers.read(own.path(), pairsHash, parametersHash);
      if (stored.isEmpty() && stopped && isFinished(own)) {
        return Optional.empty(); // only read back: nothing is lost
      }
      if (stored.isEmpty()) {
        Evaluator evaluator = new Evaluator(reranker.withAdapter(adapter.view()), pairs);
        StoredAnswers found =
            StoredAnswers.of(pairsHash, parametersHash, pairs, evaluator.score(this::answered));
        found.write(own.path(), settings(own));
        stored = Optional.of(found);
      }
      AblationRun result = result(group, seed, own, stored.get());
      own.writeSummary(summary(group, run, result));
      return Optional.of(result);
    } catch (StoppedException e) {
      return Optional.empty(); // what is trained is kept, and asked when it goes on
    } finally {
      current = null;
    }
  }

  /** Answers may take longer than the training did. */
  private void answered(int done) {
    if (stopped && done < pairs.size()) {
      throw new StoppedException();
    }
  }

  /** Ends the asking of a group. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private AblationRun result(LayerGroup group, long seed, RunFolder own, StoredAnswers answers) {
    StepSeries loss = StepSeries.read(own.metrics(), "loss");
    double[] smoothed = CurveAnalysis.standard().window(CLIMB_WINDOW).smooth(loss);
    OptionalInt climb =
        IntStream.range(0, smoothed.length)
            .filter(i -> smoothed[i] < CLIMB_LOSS)
            .map(i -> (int) loss.steps()[i])
            .findFirst();
    return new AblationRun(
        group.name(),
        seed,
        options.steps(),
        options.batch() * options.accumulate(),
        climb,
        answers.right());
  }

  private Map<String, Object> summary(LayerGroup group, TrainingRun run, AblationRun result) {
    Proportion accuracy = result.accuracy();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("accuracy_after", accuracy.accuracy());
    values.put("accuracy_after_low", accuracy.low());
    values.put("accuracy_after_high", accuracy.high());
    values.put("eval_n", accuracy.trials());
    values.put("steps", run.steps());
    values.put("pairs", run.pairs());
    values.put("tokens", run.tokens());
    values.put("tokens_per_second", run.tokensPerSecond());
    values.put("seconds", run.seconds());
    values.put("group", group.name());
    values.put("layers", group.ranges());
    values.put("seed", result.seed());
    values.put("parameters", parameters.get(groups.indexOf(group)));
    values.putAll(provenance);
    return values;
  }

  private Ablation ablation(List<AblationRun> runs) {
    List<String> order = groups.stream().map(LayerGroup::name).toList();
    List<AblationRun> sorted =
        runs.stream()
            .sorted(
                Comparator.comparingInt((AblationRun r) -> order.indexOf(r.group()))
                    .thenComparingInt(r -> seeds.indexOf(r.seed())))
            .toList();
    return new Ablation(
        ablationProvenance(runs),
        pairs.size(),
        groups,
        parameters,
        sorted,
        runs.size() == groups.size() * seeds.size());
  }

  /** What a run says of itself, less what differs from run to run. */
  private Map<String, String> ablationProvenance(List<AblationRun> runs) {
    Map<String, String> values = new TreeMap<>(provenance);
    if (!runs.isEmpty()) {
      AblationRun any = runs.get(0);
      values.putAll(settings(runFolder(any.group(), any.seed())));
      values.keySet().removeAll(OF_ONE_RUN);
    }
    values.putAll(adapterSettings);
    values.put("seeds", seeds.stream().map(String::valueOf).collect(Collectors.joining(",")));
    values.put("evaluation_sha256", pairsHash);
    return values;
  }

  private static Map<String, String> settings(RunFolder run) {
    return Json.read(run.provenance()).texts();
  }

  /** Gathers what an ablation needs. */
  public static final class Builder {
    private final Reranker reranker;
    private final Triples triples;
    private final List<PairExample> pairs;
    private List<LayerGroup> groups = List.of();
    private List<Long> seeds = List.of(0L, 1L, 2L);
    private UnaryOperator<LoraAdapter.Builder> adapters = lora -> lora.targets("all-linear");
    private TrainingOptions options = TrainingOptions.builder().build();
    private Path folder;
    private Map<String, String> provenance = Map.of();
    private RunListeners listeners = (group, seed) -> List.of();

    private Builder(Reranker reranker, Triples triples, List<PairExample> pairs) {
      this.reranker = reranker;
      this.triples = triples;
      this.pairs = List.copyOf(pairs);
      if (pairs.size() < 2) {
        throw new IllegalArgumentException(
            "groups cannot be compared on " + pairs.size() + " pairs: give 2 or more");
      }
    }

    /**
     * Sets what is trained.
     *
     * @param list the groups, of different names; none: {@link LayerGroup#standard}
     * @return this
     */
    public Builder groups(List<LayerGroup> list) {
      groups = List.copyOf(list);
      return this;
    }

    /**
     * Sets how often each group is trained; 0, 1 and 2 unless set. With one seed, differences may
     * be chance of the training.
     *
     * @param values choose first parameters and data order; at least one, all different
     * @return this
     */
    public Builder seeds(long... values) {
      seeds = Arrays.stream(values).boxed().toList();
      if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
        throw new IllegalArgumentException(
            "the seeds " + seeds + ": give one or more, all different");
      }
      return this;
    }

    /**
     * Sets the adapter of every group; unless set, all linear layers get a path of rank 16.
     *
     * @param settings sets targets, rank and the like; layers and seed are set after it
     * @return this
     */
    public Builder adapter(UnaryOperator<LoraAdapter.Builder> settings) {
      adapters = settings;
      return this;
    }

    /**
     * Sets the settings of every training. The seed is not heeded. With {@code evaluateEvery} above
     * 0, the pairs are evaluated before and in between too.
     *
     * @param settings the settings
     * @return this
     */
    public Builder options(TrainingOptions settings) {
      options = settings;
      return this;
    }

    /**
     * Sets where {@code ablation.json} and the runs are kept; required.
     *
     * @param out the folder; what is finished in it is not trained again
     * @return this
     */
    public Builder folder(Path out) {
      folder = out;
      return this;
    }

    /**
     * Says further what the numbers come from; names and hashes of model and data are there anyway.
     *
     * @param values what to say, the same when the ablation goes on
     * @return this
     */
    public Builder provenance(Map<String, String> values) {
      provenance = Map.copyOf(values);
      return this;
    }

    /**
     * Sets who sees the trainings.
     *
     * @param factory makes the listeners of each
     * @return this
     */
    public Builder listeners(RunListeners factory) {
      listeners = factory;
      return this;
    }

    /**
     * Makes the ablation; nothing is trained or written yet.
     *
     * @return the ablation
     * @throws IllegalArgumentException if a group names a layer that the model lacks, or two groups
     *     have one name
     * @throws io.github.lorascope.lora.AdapterException if the adapter does not fit the model
     */
    public LayerFreezing build() {
      return new LayerFreezing(this);
    }
  }
}
