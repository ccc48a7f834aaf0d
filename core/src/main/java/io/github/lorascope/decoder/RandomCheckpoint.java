package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.checkpoint.SafetensorsStream;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.io.AtomicFolder;
import io.github.lorascope.json.Json;
import io.github.lorascope.weights.Weight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * Writes the weights of {@link Decoder#random} as a Hugging Face folder in bfloat16, a file for
 * every few layers, so that loading can be measured without a model. It has no tokenizer. Tensors
 * are written piece by piece: memory does not grow with the model.
 */
public final class RandomCheckpoint {
  private static final long FILE_BYTES = 2_000_000_000L;
  private static final int PIECE = 1 << 20;

  private final WeightSource source;
  private final Path configFile;
  private final DoubleConsumer progress;
  private final long bytes;
  private long written;

  /** A matrix, or a vector, which has no rows. */
  private record Part(String name, int rows, int columns) {
    long elements() {
      return (long) Math.max(1, rows) * columns;
    }

    long bytes() {
      return elements() * DataType.BF16.bytes();
    }

    long[] shape() {
      return rows == 0 ? new long[] {columns} : new long[] {rows, columns};
    }
  }

  private RandomCheckpoint(WeightSource source, Path configFile, DoubleConsumer progress) {
    this.source = source;
    this.configFile = configFile;
    this.progress = progress;
    this.bytes = parts(source.config()).stream().mapToLong(Part::bytes).sum();
  }

  /**
   * Writes a checkpoint.
   *
   * @param configFile config.json of the shape, which is copied
   * @param seed chooses the weights
   * @param folder where to; there must be nothing of its name but an empty folder
   * @param progress takes the share that is written, from 0 to 1; what it throws ends the writing,
   *     and nothing is left then
   * @throws io.github.lorascope.checkpoint.CheckpointException if the configuration cannot be read
   * @throws io.github.lorascope.io.FileWriteException if the folder exists, the disk has no room
   *     for it, or the file system fails; nothing is left then
   */
  public static void write(Path configFile, long seed, Path folder, DoubleConsumer progress) {
    WeightSource source = new RandomWeights(ModelConfig.read(configFile), seed);
    new RandomCheckpoint(source, configFile, progress).write(folder);
  }

  private void write(Path folder) {
    List<List<Part>> files = files(parts(source.config()));
    try (AtomicFolder whole = AtomicFolder.create(folder, bytes)) {
      Map<String, String> names = new LinkedHashMap<>();
      for (int i = 0; i < files.size(); i++) {
        String name =
            String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, files.size());
        files.get(i).forEach(part -> names.put(part.name(), name));
        write(whole.path().resolve(name), files.get(i));
      }
      AtomicFiles.writeString(
          whole.path().resolve("model.safetensors.index.json"),
          Json.writePretty(Map.of("metadata", Map.of("total_size", bytes), "weight_map", names)));
      AtomicFiles.write(whole.path().resolve("config.json"), out -> Files.copy(configFile, out));
      whole.commit();
    }
  }

  private void write(Path file, List<Part> parts) {
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    parts.forEach(part -> writer.later(part.name(), DataType.BF16, part.shape()));
    try (SafetensorsStream stream = writer.stream(file)) {
      for (Part part : parts) {
        if (part.rows() == 0) {
          stream.put(part.name(), 0, source.vector(part.name(), part.columns()));
          told(part.elements());
        } else {
          write(stream, part);
        }
      }
      stream.commit();
    }
  }

  /** Numbers are made on all processors, and written in order. */
  private void write(SafetensorsStream stream, Part part) {
    Weight weight = source.matrix(part.name(), part.rows(), part.columns());
    int step = Math.max(1, PIECE / part.columns());
    int pieces = (part.rows() + step - 1) / step;
    int together = Runtime.getRuntime().availableProcessors();
    for (int first = 0; first < pieces; first += together) {
      List<float[]> made =
          IntStream.range(first, Math.min(pieces, first + together))
              .parallel()
              .mapToObj(i -> read(weight, i * step, Math.min(part.rows(), (i + 1) * step)))
              .toList();
      for (int i = 0; i < made.size(); i++) {
        stream.put(part.name(), (long) (first + i) * step * part.columns(), made.get(i));
        told(made.get(i).length);
      }
    }
  }

  private void told(long elements) {
    written += elements * DataType.BF16.bytes();
    progress.accept((double) written / bytes);
  }

  private static float[] read(Weight weight, int from, int to) {
    float[] values = new float[Math.multiplyExact(to - from, weight.columns())];
    weight.read(from, to, values, 0);
    return values;
  }

  private static List<List<Part>> files(List<Part> parts) {
    List<List<Part>> files = new ArrayList<>();
    long bytes = FILE_BYTES;
    for (Part part : parts) {
      if (bytes + part.bytes() > FILE_BYTES) {
        files.add(new ArrayList<>());
        bytes = 0;
      }
      files.get(files.size() - 1).add(part);
      bytes += part.bytes();
    }
    return files;
  }

  private static List<Part> parts(ModelConfig config) {
    int hidden = config.hiddenSize();
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("model.embed_tokens.weight", config.vocabularySize(), hidden));
    for (int layer = 0; layer < config.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      parts.add(new Part(prefix + "input_layernorm.weight", 0, hidden));
      if (config.queryKeyNorm()) {
        parts.add(new Part(prefix + "self_attn.q_norm.weight", 0, config.headDimension()));
        parts.add(new Part(prefix + "self_attn.k_norm.weight", 0, config.headDimension()));
      }
      parts.add(new Part(prefix + "post_attention_layernorm.weight", 0, hidden));
      for (LinearModule module : LinearModule.of(config)) {
        parts.add(new Part(prefix + module.path() + ".weight", module.outputs(), module.inputs()));
        if (module.bias()) {
          parts.add(new Part(prefix + module.path() + ".bias", 0, module.outputs()));
        }
      }
    }
    parts.add(new Part("model.norm.weight", 0, hidden));
    parts.add(new Part("lm_head.weight", config.vocabularySize(), hidden));
    return parts;
  }
}
