package io.github.lorascope.checkpoint;

import io.github.lorascope.gguf.GgufFile;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tensors of a GGUF file, under the names and in the order of a Hugging Face folder. */
final class GgufTensors implements StoredTensors {
  private final GgufFile file;
  private final ModelConfig config;

  private GgufTensors(GgufFile file, ModelConfig config) {
    this.file = file;
    this.config = config;
  }

  static GgufTensors open(Path path) {
    GgufFile file = GgufFile.open(path);
    GgufTensors tensors = new GgufTensors(file, new GgufConfigReader(file).config());
    tensors.checkKnown();
    return tensors;
  }

  ModelConfig config() {
    return config;
  }

  @Override
  public Set<String> names() {
    return file.names();
  }

  @Override
  public boolean has(String name) {
    return GgufNames.of(name).filter(file::has).isPresent();
  }

  @Override
  public WeightForm form(String name) {
    return file.weight(resolve(name)).form();
  }

  @Override
  public Weight matrix(String name, int rows, int columns) {
    String stored = resolve(name);
    checkShape(stored, List.of((long) columns, (long) rows));
    Weight weight = file.weight(stored);
    return permuted(stored) ? new PermutedRows(weight, config.headDimension()) : weight;
  }

  @Override
  public float[] vector(String name, int size) {
    String stored = resolve(name);
    checkShape(stored, List.of((long) size));
    float[] vector = new float[size];
    file.weight(stored).read(0, 1, vector, 0);
    if (!permuted(stored)) {
      return vector;
    }
    float[] ordered = new float[size];
    for (int i = 0; i < size; i++) {
      ordered[i] = vector[PermutedRows.stored(i, config.headDimension())];
    }
    return ordered;
  }

  /** Only Llama's are stored in another order; the others are computed like Hugging Face's. */
  private boolean permuted(String stored) {
    return config.type() == ModelType.LLAMA && stored.matches(".*\\.attn_[qk]\\..*");
  }

  private String resolve(String name) {
    String stored =
        GgufNames.of(name)
            .orElseThrow(
                () -> new CheckpointException(file.path() + ": GGUF has no place for " + name));
    if (!file.has(stored)) {
      throw new CheckpointException(
          file.path() + " has no tensor " + stored + NearNames.hint(stored, names()));
    }
    return stored;
  }

  private void checkShape(String stored, List<Long> expected) {
    List<Long> shape = file.info(stored).shape();
    if (!shape.equals(expected)) {
      throw new CheckpointException(
          file.path()
              + ": tensor "
              + stored
              + " has the shape "
              + shape
              + ", but the file's own keys ask for "
              + expected);
    }
  }

  /** A tensor that nothing here reads would take part in what the model computes. */
  private void checkKnown() {
    Set<String> known =
        new HashSet<>(
            List.of(
                GgufNames.EMBEDDING,
                "output_norm.weight",
                GgufNames.HEAD,
                GgufRotaryReader.FACTORS,
                GgufRotaryReader.LONG_FACTORS,
                GgufRotaryReader.SHORT_FACTORS));
    for (int layer = 0; layer < config.layers(); layer++) {
      String block = "blk." + layer + ".";
      for (String part : List.of("attn_norm", "ffn_norm")) {
        known.add(block + part + ".weight");
      }
      List<String> attention =
          config.type().fused() ? List.of("attn_qkv") : List.of("attn_q", "attn_k", "attn_v");
      add(known, block, attention, config.queryKeyValueBias());
      if (config.queryKeyNorm()) {
        add(known, block, List.of("attn_q_norm", "attn_k_norm"), false);
      }
      add(known, block, List.of("attn_output"), config.outputBias());
      List<String> mlp =
          config.type().fused()
              ? List.of("ffn_up", "ffn_down")
              : List.of("ffn_gate", "ffn_up", "ffn_down");
      add(known, block, mlp, config.mlpBias());
    }
    for (String name : names()) {
      if (!known.contains(name)) {
        throw new CheckpointException(
            file.path()
                + " has the tensor "
                + name
                + ", which a "
                + config.type().configName()
                + " model of "
                + config.layers()
                + " layers is not known to have here; this kind of model is not supported");
      }
    }
  }

  private static void add(Set<String> known, String block, List<String> parts, boolean bias) {
    for (String part : parts) {
      known.add(block + part + ".weight");
      if (bias) {
        known.add(block + part + ".bias");
      }
    }
  }
}
