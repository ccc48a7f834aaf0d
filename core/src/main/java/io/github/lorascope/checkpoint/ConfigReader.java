package io.github.lorascope.checkpoint;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.Set;

/**
 * Makes a {@link ModelConfig} of config.json. Defaults are those of the configuration classes of
 * transformers; what shapes the weights has to be stated.
 */
final class ConfigReader {
  private final JsonObject json;
  private final ModelType type;

  private ConfigReader(JsonObject json) {
    this.json = json;
    this.type = ModelType.named(json.string("model_type"), json.source());
  }

  static ModelConfig read(Path file) {
    try {
      return new ConfigReader(Json.read(file)).config();
    } catch (JsonException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  private ModelConfig config() {
    new StoredQuantization(json).check();
    checkActivation();
    if (!json.bool("is_causal", true)) {
      throw refused("is_causal false is not supported: a token would attend to later ones");
    }
    int vocabulary = size("vocab_size", ConfigLimits.MAX_VOCABULARY);
    int hidden = size("hidden_size", ConfigLimits.MAX_WIDTH);
    int intermediate = size("intermediate_size", ConfigLimits.MAX_WIDTH);
    int layers = size("num_hidden_layers", ConfigLimits.MAX_LAYERS);
    int heads = size("num_attention_heads", ConfigLimits.MAX_HEADS);
    int keyValueHeads = keyValueHeads(heads);
    int headDimension = headDimension(hidden, heads);
    ConfigLimits.checkMatrices(
        json.source(),
        vocabulary,
        hidden,
        intermediate,
        (heads + 2L * keyValueHeads) * headDimension);
    boolean attentionBias = bias("attention_bias");
    int positions =
        json.has("max_position_embeddings")
            ? size("max_position_embeddings", ConfigLimits.MAX_POSITIONS)
            : defaultPositions();
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
        new RotaryReader(json, type, headDimension, positions).read(),
        new WindowReader(json, type, layers).windows(),
        json.bool("tie_word_embeddings", false),
        type == ModelType.QWEN3,
        type == ModelType.QWEN2 || attentionBias,
        attentionBias,
        bias("mlp_bias"));
  }

  private void checkActivation() {
    String activation = json.string("hidden_act", "silu");
    if (!Set.of("silu", "swish").contains(activation)) {
      throw refused("hidden_act " + activation + " is not supported; only silu is");
    }
  }

  private int keyValueHeads(int heads) {
    String field = "num_key_value_heads";
    int count;
    if (json.has(field)) {
      count = size(field, ConfigLimits.MAX_HEADS);
    } else if (json.isNull(field)) {
      count = heads;
    } else {
      count =
          switch (type) {
            case PHI3, LLAMA -> heads;
            case MISTRAL -> 8;
            case QWEN2, QWEN3 -> 32;
          };
    }
    if (heads % count != 0) {
      throw refused(field + " " + count + " does not divide num_attention_heads " + heads);
    }
    return count;
  }

  private int headDimension(int hidden, int heads) {
    int dimension;
    if (json.has("head_dim")) {
      dimension = size("head_dim", ConfigLimits.MAX_HEAD_DIMENSION);
    } else if (type == ModelType.QWEN3) {
      dimension = 128;
    } else if (hidden % heads == 0) {
      dimension = hidden / heads;
    } else {
      throw refused("hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
    }
    if (dimension % 2 != 0) {
      throw refused("heads are " + dimension + " wide; rotary embeddings need an even head_dim");
    }
    return dimension;
  }

  private int defaultPositions() {
    return switch (type) {
      case PHI3 -> 4096;
      case LLAMA -> 2048;
      case MISTRAL -> 131_072;
      case QWEN2, QWEN3 -> 32_768;
    };
  }

  private float epsilon() {
    double epsilon = json.number("rms_norm_eps", type == ModelType.PHI3 ? 1e-5 : 1e-6);
    if (!((float) epsilon > 0 && epsilon < 1)) {
      throw refused("rms_norm_eps " + epsilon + " has to lie between 0 and 1");
    }
    return (float) epsilon;
  }

  /** Qwen2 has its biases whatever attention_bias says; Llama knows both, Qwen3 that alone. */
  private boolean bias(String field) {
    boolean bias = json.bool(field, false);
    boolean known =
        type == ModelType.LLAMA || (type == ModelType.QWEN3 && field.equals("attention_bias"));
    if (bias && !known && type != ModelType.QWEN2) {
      throw refused(field + " is not known for model_type " + type.configName());
    }
    return bias && known;
  }

  private int size(String field, int most) {
    int size = json.integer(field);
    if (size < 1 || size > most) {
      throw refused(field + " " + size + " has to lie between 1 and " + most);
    }
    return size;
  }

  private CheckpointException refused(String what) {
    return new CheckpointException(json.source() + ": " + what);
  }
}
