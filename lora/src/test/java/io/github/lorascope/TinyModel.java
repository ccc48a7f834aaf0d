package io.github.lorascope;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.Triple;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A folder with a small Llama of random weights, a tokenizer and triples in which a word of the
 * query stands in the relevant passage alone.
 */
public final class TinyModel {
  private static final int VOCABULARY = 8192;
  private static final int HIDDEN = 32;
  private static final int INNER = 48;
  private static final int LAYERS = 2;
  private static final List<String> WORDS =
      List.of("river", "stone", "music", "cell", "market", "planet", "poem", "engine");

  private TinyModel() {}

  /** Writes the model. */
  public static Path write(Path folder) {
    SafetensorsWriter writer = new SafetensorsWriter();
    Random random = new Random(42);
    normal(writer, random, "model.embed_tokens.weight", VOCABULARY, HIDDEN, 1);
    for (int layer = 0; layer < LAYERS; layer++) {
      String at = "model.layers." + layer + ".";
      ones(writer, at + "input_layernorm.weight");
      ones(writer, at + "post_attention_layernorm.weight");
      for (String name : List.of("q", "k", "v", "o")) {
        normal(writer, random, at + "self_attn." + name + "_proj.weight", HIDDEN, HIDDEN, 0.25);
      }
      normal(writer, random, at + "mlp.gate_proj.weight", INNER, HIDDEN, 0.2);
      normal(writer, random, at + "mlp.up_proj.weight", INNER, HIDDEN, 0.2);
      normal(writer, random, at + "mlp.down_proj.weight", HIDDEN, INNER, 0.2);
    }
    ones(writer, "model.norm.weight");
    normal(writer, random, "score.weight", 2, HIDDEN, 0.3);
    try {
      Files.createDirectories(folder);
      writer.write(folder.resolve("model.safetensors"));
      Files.writeString(
          folder.resolve("config.json"),
          """
          {"model_type": "llama", "vocab_size": 8192, "hidden_size": 32, "intermediate_size": 48,
           "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
           "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
           "hidden_act": "silu", "tie_word_embeddings": true}
          """);
      Files.copy(Reference.path("tokenizers/byte-level.json"), folder.resolve("tokenizer.json"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies a model, but for some of the numbers of its embedding. */
  public static Path copyWithOtherWeights(Path from, Path to) {
    try {
      Files.createDirectories(to);
      for (String name : List.of("config.json", "tokenizer.json")) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
      byte[] bytes = Files.readAllBytes(from.resolve("model.safetensors"));
      for (int i = 10_000; i < 20_000; i++) {
        bytes[i] ^= 1;
      }
      Files.write(to.resolve("model.safetensors"), bytes);
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void normal(
      SafetensorsWriter writer,
      Random random,
      String name,
      int rows,
      int columns,
      double deviation) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    writer.f32(name, values, rows, columns);
  }

  private static void ones(SafetensorsWriter writer, String name) {
    float[] values = new float[HIDDEN];
    Arrays.fill(values, 1);
    writer.f32(name, values, HIDDEN);
  }

  /** Loads the model in float32. */
  public static Decoder load(Path folder, String backend) {
    return Decoder.load(
        folder,
        LoadOptions.defaults()
            .with(Precision.F32)
            .withBackend(backend)
            .with(BackendOptions.defaults().withThreads(2)));
  }

  /** Makes triples. */
  public static List<Triple> triples(int count) {
    Random random = new Random(1);
    List<Triple> triples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String asked = WORDS.get(random.nextInt(WORDS.size()));
      String other = asked;
      while (other.equals(asked)) {
        other = WORDS.get(random.nextInt(WORDS.size()));
      }
      triples.add(new Triple("what is " + asked, "the " + asked + " " + i, "the " + other));
    }
    return triples;
  }

  /** Writes triples to a file and reads them. */
  public static Triples tsv(Path file, int count) {
    StringBuilder text = new StringBuilder();
    for (Triple t : triples(count)) {
      text.append(t.query()).append('\t').append(t.positive()).append('\t');
      text.append(t.negative()).append('\n');
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Triples.tsv(file);
  }
}
