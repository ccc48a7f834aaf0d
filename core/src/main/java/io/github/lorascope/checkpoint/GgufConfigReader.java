package io.github.lorascope.checkpoint;

import io.github.lorascope.gguf.GgufFile;
import io.github.lorascope.gguf.GgufMetadata;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Makes a {@link ModelConfig} of a GGUF file's keys (docs/gguf.md of ggml, and what
 * convert_hf_to_gguf.py of llama.cpp writes). A key of the architecture that is not understood is
 * refused, as it may change what is computed.
 */
final class GgufConfigReader {
  private static final Set<String> KEYS =
      Set.of(
          "attention.causal",
          "attention.head_count",
          "attention.head_count_kv",
          "attention.key_length",
          "attention.layer_norm_rms_epsilon",
          "attention.sliding_window",
          "attention.value_length",
          "block_count",
          "context_length",
          "embedding_length",
          "expert_count",
          "expert_used_count",
          "feed_forward_length",
          "rope.dimension_count",
          "rope.freq_base",
          "rope.scale_linear",
          "rope.scaling.attn_factor",
          "rope.scaling.factor",
          "rope.scaling.finetuned",
          "rope.scaling.original_context_length",
          "rope.scaling.type",
          "tensor_data_layout",
          "use_parallel_residual",
          "vocab_size");

  private final GgufFile file;
  private final GgufMetadata keys;
  private final String prefix;
  private final ModelType type;

  GgufConfigReader(GgufFile file) {
    this.file = file;
    this.keys = file.metadata();
    String architecture = keys.text("general.architecture");
    this.prefix = architecture + ".";
    this.type =
        switch (architecture) {
          case "llama" -> ModelType.LLAMA;
          case "phi3" -> ModelType.PHI3;
          case "qwen2" -> ModelType.QWEN2;
          case "qwen3" -> ModelType.QWEN3;
          default ->
              throw refused(
                  "general.architecture "
                      + architecture
                      + " is not supported; supported are llama, phi3, qwen2 and qwen3");
        };
  }

  ModelConfig config() {
    checkKeys();
    int hidden = size("embedding_length", ConfigLimits.MAX_WIDTH);
    int intermediate = size("feed_forward_length", ConfigLimits.MAX_WIDTH);
    int layers = size("block_count", ConfigLimits.MAX_LAYERS);
    int heads = size("attention.head_count", ConfigLimits.MAX_HEADS);
    int keyValueHeads = keyValueHeads(heads);
    int headDimension = headDimension(hidden, heads);
    int positions = size("context_length", ConfigLimits.MAX_POSITIONS);
    int vocabulary = vocabulary(hidden);
    ConfigLimits.checkMatrices(
        keys.source(),
        vocabulary,
        hidden,
        intermediate,
        (heads + 2L * keyValueHeads) * headDimension);
    return new ModelConfig(
        type,
        vocabulary,
        hidden,
        intermediate,
        layers,
        heads,
        keyValueHeads,
        headDimension,
        positions,
        epsilon(),
        new GgufRotaryReader(file, prefix, type, headDimension, positions).read(),
        Collections.nCopies(layers, window()),
        !file.has(GgufNames.HEAD),
        type == ModelType.QWEN3,
        type == ModelType.QWEN2 || hasBias("attn_q"),
        hasBias("attn_output"),
        hasBias("ffn_down"));
  }

  private void checkKeys() {
    for (String key : keys.keys()) {
      if (key.startsWith(prefix) && !KEYS.contains(key.substring(prefix.length()))) {
        throw refused("key " + key + " is not known here; this kind of model is not supported");
      }
    }
    require("expert_count", keys.integer(prefix + "expert_count", 0) == 0);
    require("expert_used_count", keys.integer(prefix + "expert_used_count", 0) == 0);
    require("attention.causal", keys.bool(prefix + "attention.causal", true));
    require("use_parallel_residual", !keys.bool(prefix + "use_parallel_residual", false));
    String layout = "Meta AI original pth"; // what rows of q and k are in, the only one there is
    require("tensor_data_layout", keys.text(prefix + "tensor_data_layout", layout).equals(layout));
  }

  private void require(String key, boolean supported) {
    if (!supported) {
      throw refused("the value of key " + prefix + key + " is not supported");
    }
  }

  private int keyValueHeads(int heads) {
    String key = "attention.head_count_kv";
    int count = keys.has(prefix + key) ? size(key, ConfigLimits.MAX_HEADS) : heads;
    if (heads % count != 0) {
      throw refused(prefix + key + " " + count + " does not divide head_count " + heads);
    }
    return count;
  }

  private int headDimension(int hidden, int heads) {
    String key = "attention.key_length";
    if (!keys.has(prefix + key) && hidden % heads != 0) {
      throw refused(
          prefix + "embedding_length " + hidden + " is no multiple of head_count " + heads);
    }
    int width =
        keys.has(prefix + key) ? size(key, ConfigLimits.MAX_HEAD_DIMENSION) : hidden / heads;
    int values = keys.integer(prefix + "attention.value_length", width);
    if (width % 2 != 0 || values != width) {
      throw refused(
          "heads have keys of "
              + width
              + " and values of "
              + values
              + " numbers; one even width for both is supported");
    }
    return width;
  }

  private int vocabulary(int hidden) {
    List<Long> shape = file.info(GgufNames.EMBEDDING).shape();
    if (shape.size() != 2 || shape.get(0) != hidden || shape.get(1) > ConfigLimits.MAX_VOCABULARY) {
      throw refused(
          "tensor "
              + GgufNames.EMBEDDING
              + " has the shape "
              + shape
              + ", but rows of embedding_length "
              + hidden
              + " are needed, at most "
              + ConfigLimits.MAX_VOCABULARY);
    }
    int rows = shape.get(1).intValue();
    int stated = keys.integer(prefix + "vocab_size", rows);
    if (stated != rows) {
      throw refused(
          prefix + "vocab_size " + stated + " differs from the embedding's " + rows + " rows");
    }
    return rows;
  }

  private float epsilon() {
    String key = prefix + "attention.layer_norm_rms_epsilon";
    double epsilon = keys.number(key);
    if (!((float) epsilon > 0 && epsilon < 1)) {
      throw refused(key + " " + epsilon + " has to lie between 0 and 1");
    }
    return (float) epsilon;
  }

  /** How far all layers see; llama.cpp writes 0 for no window. */
  private int window() {
    String key = prefix + "attention.sliding_window";
    int window = keys.integer(key, 0);
    if (window < 0) {
      throw refused(key + " " + window + " has to be positive, or 0 for none");
    }
    return window;
  }

  /** Biases have no key; a layer of Llama has them or not. */
  private boolean hasBias(String part) {
    return type == ModelType.LLAMA && file.has("blk.0." + part + ".bias");
  }

  private int size(String key, int most) {
    int size = keys.integer(prefix + key);
    if (size < 1 || size > most) {
      throw refused(prefix + key + " " + size + " has to lie between 1 and " + most);
    }
    return size;
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(file.path() + ": " + what);
  }
}
