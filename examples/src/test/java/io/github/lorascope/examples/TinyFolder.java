package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A model of one small layer with a tokenizer, and triples, for programs to run on. */
final class TinyFolder {
  private static final int HIDDEN = 16;

  private TinyFolder() {}

  /** A model whose queries, keys and values are one matrix, and so are gate and up. */
  static Path model(Path folder) {
    return write(folder, "phi3", Map.of("self_attn.qkv", 3, "mlp.gate_up", 2), true);
  }

  /** The same without a classification head. */
  static Path bare(Path folder) {
    return write(folder, "phi3", Map.of("self_attn.qkv", 3, "mlp.gate_up", 2), false);
  }

  /** A model in which each is a matrix of its own. */
  static Path llama(Path folder) {
    return write(
        folder,
        "llama",
        Map.of("self_attn.q", 1, "self_attn.k", 1, "self_attn.v", 1, "mlp.gate", 1, "mlp.up", 1),
        true);
  }

  private static Path write(Path folder, String type, Map<String, Integer> inputs, boolean head) {
    Random random = new Random(42);
    SafetensorsWriter writer = new SafetensorsWriter();
    normal(writer, random, "model.embed_tokens.weight", 8192, HIDDEN);
    String at = "model.layers.0.";
    ones(writer, at + "input_layernorm.weight");
    ones(writer, at + "post_attention_layernorm.weight");
    ones(writer, "model.norm.weight");
    new TreeMap<>(inputs)
        .forEach(
            (name, parts) ->
                normal(writer, random, at + name + "_proj.weight", parts * HIDDEN, HIDDEN));
    normal(writer, random, at + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
    normal(writer, random, at + "mlp.down_proj.weight", HIDDEN, HIDDEN);
    if (head) {
      normal(writer, random, "score.weight", 2, HIDDEN);
    }
    try {
      Files.createDirectories(folder);
      writer.write(folder.resolve("model.safetensors"));
      Files.writeString(
          folder.resolve("config.json"),
          """
          {"model_type": "%s", "vocab_size": 8192, "hidden_size": 16, "intermediate_size": 16,
           "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1,
           "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
           "hidden_act": "silu", "tie_word_embeddings": true, "sliding_window": null,
           "original_max_position_embeddings": 512, "pad_token_id": 0}
          """
              .formatted(type));
      Files.copy(Folders.golden("tokenizers/byte-level.json"), folder.resolve("tokenizer.json"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void normal(
      SafetensorsWriter writer, Random random, String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.3 * random.nextGaussian());
    }
    writer.f32(name, values, rows, columns);
  }

  private static void ones(SafetensorsWriter writer, String name) {
    float[] values = new float[HIDDEN];
    Arrays.fill(values, 1);
    writer.f32(name, values, HIDDEN);
  }

  static Path triples(Path file, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("word").append(i % 7).append("\tthe word").append(i % 7);
      text.append(" here\tthe word").append(i % 7 + 1).append(" there\n");
    }
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
