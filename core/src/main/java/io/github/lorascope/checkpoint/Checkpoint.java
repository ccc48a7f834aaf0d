package io.github.lorascope.checkpoint;

import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightException;
import io.github.lorascope.weights.WeightForm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A Hugging Face model folder: config.json beside model.safetensors or its shards. Weights may be
 * F32, F16 or BF16, or NF4 of bitsandbytes. Tensors are found with and without the leading {@code
 * model.}, which a folder saved from the bare model leaves out. Thread-safe; nothing has to be
 * closed.
 */
public final class Checkpoint {
  private static final String PREFIX = "model.";

  private final Path folder;
  private final ModelConfig config;
  private final Shards shards;

  private Checkpoint(Path folder, ModelConfig config, Shards shards) {
    this.folder = folder;
    this.config = config;
    this.shards = shards;
  }

  /**
   * Opens a folder and checks its configuration and the headers of its files.
   *
   * @param folder the folder
   * @return its configuration and weights
   * @throws CheckpointException if something is missing, broken or not supported
   */
  public static Checkpoint open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder + " is no folder; give the folder that holds config.json and model.safetensors");
    }
    return new Checkpoint(
        folder, ModelConfig.read(folder.resolve("config.json")), Shards.open(folder));
  }

  /**
   * Returns where it lies.
   *
   * @return the folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * Returns the shape of the model.
   *
   * @return what config.json says
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns what is stored.
   *
   * @return the names of all tensors as they are in the files, tables of quantization included
   */
  public Set<String> names() {
    return shards.names();
  }

  /**
   * Tells whether a tensor is there.
   *
   * @param name the tensor, with or without the leading {@code model.}
   * @return whether {@link #matrix} or {@link #vector} can find it
   */
  public boolean has(String name) {
    return shards.has(resolve(name));
  }

  /**
   * Returns a matrix in the form that it is stored in, mapped from its file and checked to be
   * finite.
   *
   * @param name the tensor, with or without the leading {@code model.}
   * @param rows rows that it has to have
   * @param columns columns that it has to have
   * @return the weight, named as in the file
   * @throws CheckpointException if it is missing, of another shape or an unsupported kind, or holds
   *     NaN or infinity
   */
  public Weight matrix(String name, int rows, int columns) {
    String stored = resolve(name);
    BitsAndBytes quantized = new BitsAndBytes(shards, stored);
    if (quantized.isPresent()) {
      return quantized.read(rows, columns);
    }
    return dense(stored, rows, columns, List.of((long) rows, (long) columns));
  }

  /**
   * Returns a vector as float32, checked to be finite.
   *
   * @param name the tensor, with or without the leading {@code model.}
   * @param size elements that it has to have
   * @return the numbers
   * @throws CheckpointException if it is missing, of another shape or kind, or holds NaN or
   *     infinity
   */
  public float[] vector(String name, int size) {
    float[] vector = new float[size];
    dense(resolve(name), 1, size, List.of((long) size)).read(0, 1, vector, 0);
    return vector;
  }

  private Weight dense(String stored, int rows, int columns, List<Long> shape) {
    SafetensorsFile file = shards.holding(stored);
    TensorInfo info = file.info(stored);
    WeightForm form =
        switch (info.type()) {
          case F32 -> WeightForm.F32;
          case F16 -> WeightForm.F16;
          case BF16 -> WeightForm.BF16;
          default ->
              throw new CheckpointException(
                  file.where(stored)
                      + " is "
                      + info.type()
                      + "; F32, F16, BF16 and NF4 of bitsandbytes are supported");
        };
    if (!info.shape().equals(shape)) {
      throw new CheckpointException(
          file.where(stored)
              + " has the shape "
              + info.shape()
              + ", but config.json asks for "
              + shape);
    }
    DenseWeight weight = DenseWeight.of(stored, rows, columns, form, file.data(stored));
    try {
      weight.requireFinite();
    } catch (WeightException e) {
      throw new CheckpointException(file.path() + ": tensor " + e.getMessage(), e);
    }
    return weight;
  }

  /** Finds the name that is stored; the wanted one if neither spelling is. */
  private String resolve(String name) {
    if (shards.has(name)) {
      return name;
    }
    String other = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : PREFIX + name;
    return shards.has(other) ? other : name;
  }
}
