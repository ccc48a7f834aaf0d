package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.Checkpoint;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.hub.HubCache;
import io.github.lorascope.hub.HubSnapshot;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * A frozen decoder-only language model on a backend. Immutable, so that any number of adapters and
 * threads share one; what is trained beside it is an {@link Adapter}. Close it to free its memory
 * and the backend it opened.
 *
 * <pre>{@code
 * LoadOptions options = LoadOptions.nf4().with(Precision.F32); // NF4 weights, float32 products
 * try (Decoder decoder = Decoder.load("microsoft/Phi-3-mini-4k-instruct", options)) {
 *   TokenBatch batch = TokenBatch.of(List.of(new int[] {1, 2, 3}, new int[] {4, 5}));
 *   decoder.observe(batch, null, new LayerListener() {
 *     public void residual(int layers, Tensor states) {
 *       System.out.println(layers + ": " + states.get(4, 0)); // the second sequence's last token
 *     }
 *   });
 * }
 * }</pre>
 */
public final class Decoder implements AutoCloseable {
  private final ModelConfig config;
  private final Path folder;
  private final LoadOptions options;
  private final Backend backend;
  private final boolean ownsBackend;
  private final MemoryScope memory;
  private final BackendWeight embedding;
  private final List<DecoderLayer> layers;
  private final Tensor finalGain;
  private final Tensor score;
  private final LanguageHead languageHead;

  /** Read by what computes with the weights, written by what frees them. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;
  private volatile RopeAngles angles;

  Decoder(
      ModelConfig config,
      Path folder,
      LoadOptions options,
      Backend backend,
      boolean ownsBackend,
      MemoryScope memory,
      BackendWeight embedding,
      List<DecoderLayer> layers,
      Tensor finalGain,
      Tensor score,
      LanguageHead languageHead) {
    this.config = config;
    this.folder = folder;
    this.options = options;
    this.backend = backend;
    this.ownsBackend = ownsBackend;
    this.memory = memory;
    this.embedding = embedding;
    this.layers = List.copyOf(layers);
    this.finalGain = finalGain;
    this.score = score;
    this.languageHead = languageHead;
  }

  /**
   * Loads a model, with weights as they are stored, on the best backend that can run here.
   *
   * @param path a Hugging Face folder, which holds config.json and safetensors files, or a GGUF
   *     file
   * @return the decoder
   * @throws io.github.lorascope.checkpoint.CheckpointException if a file is missing, malformed or
   *     of another shape
   * @throws io.github.lorascope.backend.BackendException if no backend can run here
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public static Decoder load(Path path) {
    return load(path, LoadOptions.defaults());
  }

  /**
   * Loads a model on a backend of its own.
   *
   * @param path a Hugging Face folder, which holds config.json and safetensors files, or a GGUF
   *     file
   * @param options form of the weights, precision and backend
   * @return the decoder
   * @throws io.github.lorascope.checkpoint.CheckpointException if a file is missing, malformed or
   *     of another shape
   * @throws io.github.lorascope.backend.BackendException if the backend cannot run here
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public static Decoder load(Path path, LoadOptions options) {
    Checkpoint checkpoint = Checkpoint.open(path); // before a backend is started for nothing
    return DecoderLoader.load(
        new CheckpointWeights(checkpoint), path, options, options.open(), true);
  }

  /**
   * Loads a model on a backend that goes on to belong to the caller.
   *
   * @param path a Hugging Face folder, which holds config.json and safetensors files, or a GGUF
   *     file
   * @param options form of the weights and precision; its backend is not heeded
   * @param backend what computes
   * @return the decoder
   * @throws io.github.lorascope.checkpoint.CheckpointException if a file is missing, malformed or
   *     of another shape
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public static Decoder load(Path path, LoadOptions options, Backend backend) {
    Checkpoint checkpoint = Checkpoint.open(path);
    return DecoderLoader.load(new CheckpointWeights(checkpoint), path, options, backend, false);
  }

  /**
   * Loads a model by name, with weights as they are stored, on the best backend that can run here.
   *
   * @param model as for {@link #load(String, LoadOptions)}
   * @return the decoder
   * @throws io.github.lorascope.hub.HubException if there is no such model or it cannot be fetched
   * @throws io.github.lorascope.checkpoint.CheckpointException if a file is malformed or of another
   *     shape
   * @throws io.github.lorascope.backend.BackendException if no backend can run here
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public static Decoder load(String model) {
    return load(model, LoadOptions.defaults());
  }

  /**
   * Loads a model by name on a backend of its own. A model of a hub is looked for in the Hugging
   * Face cache, and fetched if it is not there; see {@link HubCache} for the environment variables
   * that are heeded, and for other settings: {@code load(cache.locate(model), options)}.
   *
   * @param model a file or folder, as for {@link #load(Path, LoadOptions)}, or where there is none
   *     of that name a model of the Hugging Face Hub: {@code org/name} or {@code org/name@revision}
   * @param options form of the weights, precision and backend
   * @return the decoder, whose {@link #folder} is where it was found
   * @throws io.github.lorascope.hub.HubException if there is no such model or it cannot be fetched
   * @throws io.github.lorascope.checkpoint.CheckpointException if a file is malformed or of another
   *     shape
   * @throws io.github.lorascope.backend.BackendException if the backend cannot run here
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public static Decoder load(String model, LoadOptions options) {
    return load(HubCache.standard().locate(model), options);
  }

  /**
   * Makes a decoder with random weights, for measuring speed and memory.
   *
   * @param config its shape
   * @param seed chooses the weights
   * @param options form of the weights, precision and backend
   * @return the decoder
   */
  public static Decoder random(ModelConfig config, long seed, LoadOptions options) {
    return DecoderLoader.load(new RandomWeights(config, seed), null, options, options.open(), true);
  }

  /**
   * Returns the model's shape.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns where it was loaded from.
   *
   * @return the folder or the GGUF file; empty for random weights
   */
  public Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  /**
   * Returns what the model is called: as on the hub where it lies in the Hugging Face cache, else
   * as the last part of its path.
   *
   * @return the name; empty for random weights
   */
  public Optional<String> name() {
    return snapshot()
        .map(HubSnapshot::model)
        .or(() -> folder().map(f -> String.valueOf(f.toAbsolutePath().normalize().getFileName())));
  }

  /**
   * Returns which commit of a model of the hub it is.
   *
   * @return the commit; empty where it does not lie in the Hugging Face cache
   */
  public Optional<String> revision() {
    return snapshot().map(HubSnapshot::commit);
  }

  private Optional<HubSnapshot> snapshot() {
    return folder().flatMap(HubSnapshot::of);
  }

  /**
   * Returns what computes.
   *
   * @return the backend
   */
  public Backend backend() {
    return backend;
  }

  /**
   * Returns how it was loaded.
   *
   * @return the options
   */
  public LoadOptions options() {
    return options;
  }

  /**
   * Returns what products round their operands to.
   *
   * @return the precision
   */
  public Precision precision() {
    return options.precision();
  }

  /**
   * Returns the classification head that the checkpoint brought.
   *
   * @return the weight [labels, hidden]; empty if it has none
   */
  public Optional<Tensor> score() {
    return Optional.ofNullable(score);
  }

  /**
   * Makes a head of the language model's own, of the rows of {@code lm_head.weight}, or of the
   * embedding where the two are tied: its logits are those that the language model gives two tokens
   * as the next one. Thread-safe.
   *
   * @param tokenA what the model says for A
   * @param tokenB what it says for B
   * @return an adapter without paths, on a head [2, hidden] that is the decoder's; nobody may
   *     change it
   * @throws MissingHeadException if the checkpoint has no such head, as one of a classifier
   * @throws VocabularyException if a token is not in the model's vocabulary
   * @throws io.github.lorascope.checkpoint.CheckpointException if the head is malformed or of
   *     another shape
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public Adapter vocabularyHead(int tokenA, int tokenB) {
    return computed(
        () -> languageHead.of(tokenA, tokenB, folder().map(Path::toString).orElse("the model")));
  }

  /**
   * Returns the frozen weight of a linear layer in the form that it is held in: what an adapter is
   * trained beside.
   *
   * @param layer the decoder layer, from 0
   * @param module path of the linear layer within it, such as {@code self_attn.qkv_proj}
   * @return the weight [outputs, inputs], as long as the decoder is open
   */
  public Weight weight(int layer, String module) {
    return layers.get(layer).weight(module);
  }

  /**
   * Computes the logits of each sequence's last token. Thread-safe.
   *
   * @param batch the sequences
   * @param adapter LoRA paths and head; null: none, and the checkpoint's head
   * @param pass how
   * @return the pass, to be closed by the caller
   * @throws SequenceLengthException if a sequence is longer than the model's positions
   * @throws VocabularyException if a token is not in the model's vocabulary
   * @throws IllegalArgumentException if the adapter is of another model
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public DecoderPass forward(TokenBatch batch, Adapter adapter, PassOptions pass) {
    check(batch, adapter);
    if (pass.training() && adapter == null) {
      throw new IllegalArgumentException("training without an adapter");
    }
    if (pass.training() && batch.continued()) {
      throw new IllegalArgumentException("training on sequences that continue another");
    }
    return computed(
        () -> new DecoderPass(this, batch, adapter, pass, ResidualEditor.NONE, 0, null));
  }

  /**
   * Scores like {@link #forward}, with the residual stream changed on its way: what activation
   * patching is made of. Thread-safe.
   *
   * @param batch the sequences
   * @param adapter LoRA paths and head; null: none, and the checkpoint's head
   * @param editor changes the states
   * @return the pass, to be closed by the caller
   * @throws SequenceLengthException if a sequence is longer than the model's positions
   * @throws VocabularyException if a token is not in the model's vocabulary
   * @throws IllegalArgumentException if the adapter is of another model
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public DecoderPass forwardEdited(TokenBatch batch, Adapter adapter, ResidualEditor editor) {
    check(batch, adapter);
    return computed(
        () -> new DecoderPass(this, batch, adapter, PassOptions.SCORING, editor, 0, null));
  }

  /**
   * Scores from some depth on, given the states there, as a {@link ResidualEditor} sees them: what
   * lies below need not be computed again for every change above it. Thread-safe.
   *
   * @param layers how many layers the states have passed, 0 to all
   * @param states the residual stream there [tokens, hidden], and behind the last layer that of the
   *     last tokens alone [sequences, hidden]; it stays as it is
   * @param batch the sequences that the states are of
   * @param adapter LoRA paths and head; null: none, and the checkpoint's head
   * @return the pass, to be closed by the caller
   * @throws IllegalArgumentException if the states have another shape, or the adapter is of another
   *     model
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public DecoderPass forwardFrom(int layers, Tensor states, TokenBatch batch, Adapter adapter) {
    check(batch, adapter);
    int all = config.layers();
    int rows = layers == all ? batch.sequences() : batch.tokens();
    if (layers < 0
        || layers > all
        || states.rows() != rows
        || states.columns() != config.hiddenSize()) {
      throw new IllegalArgumentException(
          states
              + " are not the states of "
              + batch.tokens()
              + " tokens behind "
              + layers
              + " of "
              + all
              + " layers");
    }
    return computed(
        () ->
            new DecoderPass(
                this, batch, adapter, PassOptions.SCORING, ResidualEditor.NONE, layers, states));
  }

  /**
   * Applies the final norm and the head to states of the residual stream, of any depth: the lens
   * (nostalgebraist, "interpreting GPT: the logit lens", 2020). Thread-safe.
   *
   * @param states rows of the residual stream, before the final norm [n, hidden]
   * @param adapter brings the head; null: the checkpoint's
   * @param logits receives the logits [n, labels]
   * @throws MissingHeadException if neither the adapter nor the checkpoint has a head
   */
  public void readOut(Tensor states, Adapter adapter, Tensor logits) {
    compute(() -> read(states, head(adapter), logits));
  }

  private void read(Tensor states, Tensor head, Tensor logits) {
    try (MemoryScope scope = backend.scope("reading out " + states.rows() + " states")) {
      Tensor normalized = scope.tensor(states.rows(), states.columns());
      Tensor inverse = scope.tensor(states.rows(), 1);
      backend.rmsNorm(states, finalGain, config.rmsNormEpsilon(), normalized, inverse);
      backend.head(normalized, head, logits);
    }
  }

  /**
   * Computes every state of every token and shows it to a listener. Apart from {@link #forward},
   * which skips what a score does not need, so that looking changes nothing. Thread-safe.
   *
   * @param batch the sequences
   * @param adapter LoRA paths; null: none
   * @param listener sees the states
   * @throws SequenceLengthException if a sequence is longer than the model's positions
   * @throws VocabularyException if a token is not in the model's vocabulary
   * @throws IllegalArgumentException if the adapter is of another model
   * @throws io.github.lorascope.tensor.MemoryCapException if it does not fit the memory
   */
  public void observe(TokenBatch batch, Adapter adapter, LayerListener listener) {
    check(batch, adapter);
    if (batch.continued()) {
      throw new IllegalArgumentException("observing sequences that continue another");
    }
    compute(() -> look(batch, adapter, listener));
  }

  private void look(TokenBatch batch, Adapter adapter, LayerListener listener) {
    try (MemoryScope scope = backend.scope("observing " + batch.tokens() + " tokens")) {
      PassContext context = PassContext.of(this, batch, adapter, PassOptions.SCORING, scope);
      Tensor x = scope.tensor(batch.tokens(), config.hiddenSize());
      backend.gather(embedding, batch.ids(), x);
      listener.residual(0, x);
      for (DecoderLayer layer : layers) {
        try (LayerTape tape = LayerForward.run(backend, context, layer, x, false, false)) {
          listener.attention(layer.index(), tape.qkv().q(), tape.qkv().k(), tape.shape());
          backend.copy(tape.output(), x);
        }
        listener.residual(layer.index() + 1, x);
      }
      Tensor normalized = scope.tensor(x.rows(), x.columns());
      backend.rmsNorm(x, finalGain, config.rmsNormEpsilon(), normalized, scope.tensor(x.rows(), 1));
      listener.normalized(normalized);
    }
  }

  /** Computes with the weights, which are not freed meanwhile. */
  <T> T computed(Supplier<T> work) {
    use.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the decoder is closed");
      }
      return work.get();
    } finally {
      use.readLock().unlock();
    }
  }

  /** The same of work without a result. */
  void compute(Runnable work) {
    computed(
        () -> {
          work.run();
          return null;
        });
  }

  private void check(TokenBatch batch, Adapter adapter) {
    if (adapter != null) {
      adapter.requireFit(config);
    }
    if (batch.longest() > config.maxPositions()) {
      throw new SequenceLengthException(batch.longest(), config.maxPositions());
    }
    for (int id : batch.ids()) {
      if (id < 0 || id >= config.vocabularySize()) {
        throw new VocabularyException(id, config.vocabularySize());
      }
    }
  }

  /** Those of so many positions or more, kept for the next pass. */
  RopeAngles angles(int positions) {
    List<Float> frequencies = config.rotary().frequencies(positions);
    RopeAngles known = angles;
    if (known == null || !known.reach(positions, frequencies)) {
      int rounded = (int) Math.min(config.maxPositions(), (positions + 255L) / 256 * 256);
      known = RopeAngles.of(Math.max(positions, rounded), frequencies, config.rotary());
      angles = known;
    }
    return known;
  }

  List<DecoderLayer> layers() {
    return layers;
  }

  Tensor finalGain() {
    return finalGain;
  }

  Tensor embed(TokenBatch batch, MemoryScope scope) {
    Tensor x = scope.tensor(batch.tokens(), config.hiddenSize());
    backend.gather(embedding, batch.ids(), x);
    return x;
  }

  /**
   * Copies the head that scores are computed with. Thread-safe.
   *
   * @param adapter brings one; null: the checkpoint's
   * @return the weight [labels, hidden], row by row
   * @throws MissingHeadException if neither the adapter nor the checkpoint has a head
   */
  public float[] headValues(Adapter adapter) {
    return computed(() -> head(adapter).toArray());
  }

  Tensor head(Adapter adapter) {
    if (adapter != null) {
      return adapter.values().head();
    }
    if (score == null) {
      throw new MissingHeadException(
          "the model has no classification head (no tensor 'score.weight' in "
              + folder
              + "): attach an adapter, which brings one, or ask the language model's own head"
              + " (Reranker.zeroShot, --zero-shot)");
    }
    return score;
  }

  /**
   * Frees the weights and, if it was opened for this decoder, the backend, when no other thread
   * computes with them any more. Closing again does nothing.
   *
   * @throws IllegalStateException if it is called by what looks into a pass of this decoder
   */
  @Override
  public void close() {
    whileIdle(
        () -> {
          closed = true;
          memory.close();
          if (ownsBackend) {
            backend.close();
          }
        });
  }

  /**
   * Does what must not happen in the middle of a pass, such as to free what passes compute with:
   * waits for the passes of other threads, and lets none begin meanwhile.
   *
   * @param work what to do; it must not compute with this decoder
   * @throws IllegalStateException if it is called by what looks into a pass of this decoder
   */
  public void whileIdle(Runnable work) {
    if (use.getReadHoldCount() > 0) {
      throw new IllegalStateException(
          "what a decoder computes with cannot be closed in the middle of its own pass");
    }
    use.writeLock().lock();
    try {
      work.run();
    } finally {
      use.writeLock().unlock();
    }
  }
}
