package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A LoRA adapter with its classification head, beside a frozen decoder that other adapters may
 * share. Its parameters are one contiguous float32 buffer. Reading it is thread-safe as long as
 * nobody trains it. Close it to free its memory, before the decoder.
 *
 * <pre>{@code
 * try (LoraAdapter lora =
 *     LoraAdapter.on(model)
 *         .targets("qkv_proj")
 *         .rank(16)
 *         .alpha(32)
 *         .layerRange(10, 19)
 *         .attach()) {
 *   System.out.println(lora.pathParameters() + " parameters");
 *   lora.save(Path.of("adapter"), Map.of("data", "triples.tsv"));
 * }
 * }</pre>
 */
public final class LoraAdapter implements AutoCloseable {
  private final Decoder decoder;
  private final LoraConfig config;
  private final AdapterLayout layout;
  private final Path source;
  private volatile Optional<PromptSettings> asked;
  private Optional<String> headStart = Optional.empty();
  private final MemoryScope memory;
  private final Tensor parameters;
  private final Adapter adapter;

  private LoraAdapter(
      Decoder decoder,
      LoraConfig config,
      AdapterLayout layout,
      Path source,
      Optional<PromptSettings> asked) {
    int size = layout.size();
    this.decoder = decoder;
    this.config = config;
    this.layout = layout;
    this.source = source;
    this.asked = asked;
    this.memory = decoder.backend().scope("an adapter");
    try {
      this.parameters = memory.zeros(1, size);
      this.adapter = new Adapter(layout.view(parameters), config.scale());
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /**
   * Begins an adapter for a decoder.
   *
   * @param decoder the frozen model
   * @return the builder, with rank 16, alpha 32, no dropout and all layers
   */
  public static Builder on(Decoder decoder) {
    return new Builder(decoder);
  }

  /**
   * Loads an adapter from PEFT's files.
   *
   * @param decoder the frozen model that it was made for
   * @param folder holds adapter_config.json and adapter_model.safetensors
   * @return the adapter, to be closed by the caller
   * @throws AdapterException if the files ask for what is not supported, do not fit the model, or
   *     tell a prompt that is damaged
   * @throws io.github.lorascope.json.JsonException if adapter_config.json is missing or malformed
   * @throws io.github.lorascope.checkpoint.CheckpointException if adapter_model.safetensors is
   *     missing or malformed
   */
  public static LoraAdapter load(Decoder decoder, Path folder) {
    LoraConfig config = PeftFiles.readConfig(folder);
    AdapterLayout layout = PeftFiles.layout(folder, decoder.config(), config);
    // Read first: a rank that the tensors do not have must not take memory for one.
    SafetensorsFile file = SafetensorsFile.open(PeftFiles.tensors(folder));
    Map<String, float[]> values = PeftFiles.readTensors(folder, file, layout, decoder.score());
    LoraAdapter adapter =
        new LoraAdapter(decoder, config, layout, file.path(), PeftFiles.readPrompt(file));
    try {
      layout.named(adapter.parameters).forEach((name, tensor) -> tensor.set(values.get(name)));
      return adapter;
    } catch (RuntimeException | Error e) {
      adapter.close();
      throw e;
    }
  }

  /**
   * Saves the adapter as PEFT's files, each of which is replaced whole or not at all. Another
   * adapter that was there is gone before this one is complete, but not before its tensors are on
   * the disk.
   *
   * @param folder where to; made if it does not exist
   * @param provenance what it came from, beside how it was asked; the same values give the same
   *     bytes
   * @throws io.github.lorascope.io.FileWriteException if a file cannot be written
   */
  public void save(Path folder, Map<String, String> provenance) {
    Map<String, String> values = new TreeMap<>(provenance);
    asked.ifPresent(settings -> values.putAll(settings.values()));
    PeftFiles.write(folder, config, layout, parameters, decoder, values);
  }

  /**
   * Begins to make one model of the frozen one and this adapter.
   *
   * @param base which of the model's weights the adapter is added to
   * @return the merge, to be saved while decoder and adapter are open
   */
  public Merge merge(MergeBase base) {
    return new Merge(this, base);
  }

  /**
   * Returns the frozen model.
   *
   * @return the decoder
   */
  public Decoder decoder() {
    return decoder;
  }

  /**
   * Refuses to be used with another model than the one that it is attached to: prompts of one
   * model's tokenizer tell another nothing.
   *
   * @param asked the model that is asked
   * @throws IllegalArgumentException if it is another decoder
   */
  public void requireDecoder(Decoder asked) {
    requireSame(decoder, asked);
  }

  private static void requireSame(Decoder own, Decoder asked) {
    if (own != asked) {
      throw new IllegalArgumentException(
          "the adapter belongs to another decoder than the reranker asks: attach it to"
              + " reranker.decoder()");
    }
  }

  /**
   * Returns where it was loaded from.
   *
   * @return the file of its tensors; empty for a new adapter
   */
  public Optional<Path> source() {
    return Optional.ofNullable(source);
  }

  /**
   * Identifies the head that it was told to start with ({@link Builder#headOf}).
   *
   * @return the hash of its numbers at the start, 64 hexadecimal digits; empty of a head that was
   *     the model's, drawn or loaded
   */
  public Optional<String> headStart() {
    return headStart;
  }

  /**
   * Returns how it was asked in its training, which its files tell if a {@code Trainer} trained it.
   *
   * @return prompt and limits; empty for a new adapter, and where its files do not say
   */
  public Optional<PromptSettings> promptSettings() {
    return asked;
  }

  /**
   * Tells how it is asked in its training, to be kept with it from now on.
   *
   * @param settings prompt and limits
   */
  public void askedWith(PromptSettings settings) {
    asked = Optional.of(settings);
  }

  /**
   * Asks with this adapter, and as it was asked in its training.
   *
   * @param base a reranker of this adapter's decoder
   * @return the same with the adapter, and with its prompt and limits as far as its files say them;
   *     closing any of the two closes the tokenizer that they share
   * @throws IllegalArgumentException if it is another decoder's
   */
  public Reranker asTrained(Reranker base) {
    requireDecoder(base.decoder());
    return asked.map(base::withSettings).orElse(base).withAdapter(adapter);
  }

  /**
   * Returns the settings.
   *
   * @return the configuration
   */
  public LoraConfig config() {
    return config;
  }

  /**
   * Returns the adapter as the decoder computes with it; it follows the parameters as they are
   * trained.
   *
   * @return the view
   */
  public Adapter view() {
    return adapter;
  }

  /**
   * Returns all parameters, the head last.
   *
   * @return the buffer [1, parameters]
   */
  public Tensor parameters() {
    return parameters;
  }

  /**
   * Sees another buffer, such as one of gradients, as matrices in this adapter's arrangement.
   *
   * @param buffer as many numbers as {@link #parameters()} has
   * @return the matrices
   */
  public AdapterTensors view(Tensor buffer) {
    return layout.view(buffer);
  }

  /**
   * Names the matrices of a buffer in this adapter's arrangement as PEFT's files do.
   *
   * @param buffer as many numbers as {@link #parameters()} has
   * @return the matrices by name, layer by layer
   */
  public Map<String, Tensor> named(Tensor buffer) {
    return layout.named(buffer);
  }

  /**
   * Counts the parameters of the paths, the head not included.
   *
   * @return the count
   */
  public long pathParameters() {
    return layout.pathParameters();
  }

  /**
   * Frees the parameters, when no other thread computes with the decoder any more; not while
   * another one trains or saves the adapter. What uses the adapter afterwards is refused. Closing
   * again does nothing.
   *
   * @throws IllegalStateException if it is called by what looks into a pass of the decoder
   */
  @Override
  public void close() {
    decoder.whileIdle(memory::close);
  }

  /**
   * A uniform in +-1 / sqrt(inputs), as PEFT draws it, and B zero, so that training starts at the
   * frozen model.
   */
  private void initialize(long seed, float[] firstHead) {
    SplittableRandom random = new SplittableRandom(seed);
    for (AdapterLayout.Path path : layout.paths()) {
      double bound = 1 / Math.sqrt(path.module().inputs());
      float[] values = new float[config.rank() * path.module().inputs()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      layout.a(parameters, path).set(values);
    }
    Tensor head = layout.head(parameters);
    if (firstHead != null) {
      head.set(firstHead);
      headStart = Optional.of(view().headOnly().sha256());
    } else if (decoder.score().isPresent()) {
      head.set(decoder.score().get().toArray());
    } else {
      head.set(normal(head.rows() * head.columns(), random));
    }
  }

  /** With the standard deviation that transformers gives a new head. */
  private static float[] normal(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
      values[i] = (float) (0.02 * radius * Math.cos(2 * Math.PI * random.nextDouble()));
    }
    return values;
  }

  /** Gathers the settings of a new adapter. */
  public static final class Builder {
    private final Decoder decoder;
    private List<String> targets = List.of();
    private int rank = 16;
    private double alpha = 32;
    private double dropout;
    private boolean rankStabilized;
    private List<Integer> layers = List.of();
    private long seed;
    private float[] head;

    private Builder(Decoder decoder) {
      this.decoder = decoder;
    }

    /**
     * Names the linear layers that get a path; required.
     *
     * @param names such as {@code qkv_proj}, or {@code all-linear}
     * @return this
     */
    public Builder targets(String... names) {
      targets = List.of(names);
      return this;
    }

    /**
     * Sets the rank of the paths.
     *
     * @param r at least 1
     * @return this
     */
    public Builder rank(int r) {
      rank = r;
      return this;
    }

    /**
     * Sets what, over the rank, the paths are scaled with.
     *
     * @param value above 0
     * @return this
     */
    public Builder alpha(double value) {
      alpha = value;
      return this;
    }

    /**
     * Sets the rate of the dropout before the paths in training.
     *
     * @param rate from 0 to below 1
     * @return this
     */
    public Builder dropout(double rate) {
      dropout = rate;
      return this;
    }

    /**
     * Scales with alpha / sqrt(rank) rather than alpha / rank.
     *
     * @param on whether to
     * @return this
     */
    public Builder rsLora(boolean on) {
      rankStabilized = on;
      return this;
    }

    /**
     * Puts paths on a range of layers only.
     *
     * @param first first layer, from 0
     * @param last last layer, included
     * @return this
     * @throws AdapterException if the range is empty, or the model lacks a layer of it
     */
    public Builder layerRange(int first, int last) {
      if (last < first) {
        throw new AdapterException("the layers from " + first + " to " + last + " are none");
      }
      // Before they are listed: a range to the largest int would not fit into memory.
      AdapterLayout.checkLayer(decoder.config(), first);
      AdapterLayout.checkLayer(decoder.config(), Math.min(last, decoder.config().layers()));
      layers = IntStream.rangeClosed(first, last).boxed().toList();
      return this;
    }

    /**
     * Puts paths on some layers only.
     *
     * @param indices the layers, from 0; none: all
     * @return this
     */
    public Builder layers(int... indices) {
      layers = Arrays.stream(indices).boxed().toList();
      return this;
    }

    /**
     * Sets the seed of the initial parameters.
     *
     * @param value the seed
     * @return this
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Starts the head as the one that a reranker answers with, such as that of the language model
     * itself ({@link Reranker#zeroShot}): an adapter then starts with the reranker's answers.
     *
     * @param asked a reranker of the decoder
     * @return this
     * @throws io.github.lorascope.decoder.MissingHeadException if it has neither an adapter nor a
     *     model with a head
     * @throws IllegalArgumentException if it is another decoder's
     */
    public Builder headOf(Reranker asked) {
      requireSame(decoder, asked.decoder());
      head = decoder.headValues(asked.adapter().orElse(null));
      return this;
    }

    /**
     * Makes the adapter: A drawn at random, B zero, the head that of {@link #headOf}, else that of
     * the model or drawn at random.
     *
     * @return the adapter, to be closed by the caller
     * @throws AdapterException if a target or a layer does not exist, or a number is out of range
     */
    public LoraAdapter attach() {
      LoraConfig config = new LoraConfig(targets, rank, alpha, dropout, rankStabilized, layers);
      LoraAdapter adapter =
          new LoraAdapter(
              decoder, config, AdapterLayout.of(decoder.config(), config), null, Optional.empty());
      try {
        adapter.initialize(seed, head);
        return adapter;
      } catch (RuntimeException | Error e) {
        adapter.close();
        throw e;
      }
    }
  }
}
