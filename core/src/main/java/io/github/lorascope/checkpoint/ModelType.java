package io.github.lorascope.checkpoint;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The architectures that can be loaded, named as {@code model_type} names them in lower case. */
public enum ModelType {
  /** Phi-3: query, key and value in one matrix, gate and up in another. */
  PHI3,
  /** Llama and the many models of its kind. */
  LLAMA,
  /** Mistral: Llama with a sliding window. */
  MISTRAL,
  /** Qwen2: Llama with biases on query, key and value. */
  QWEN2,
  /** Qwen3: Llama with a norm on each head of queries and keys. */
  QWEN3;

  /**
   * Tells how the projections of attention and MLP are stored.
   *
   * @return whether there is one {@code qkv_proj} and one {@code gate_up_proj} instead of three and
   *     two matrices
   */
  public boolean fused() {
    return this == PHI3;
  }

  /**
   * Returns what it is called in config.json.
   *
   * @return the model_type
   */
  public String configName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ModelType named(String name, String source) {
    for (ModelType type : values()) {
      if (type.configName().equals(name)) {
        return type;
      }
    }
    String known =
        Arrays.stream(values()).map(ModelType::configName).collect(Collectors.joining(", "));
    throw new CheckpointException(
        source + ": model_type " + name + " is not supported; supported are " + known);
  }
}
