package io.github.lorascope.checkpoint;

import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightException;
import io.github.lorascope.weights.WeightForm;
import java.util.List;
import java.util.Set;

/**
 * The tensors of a Hugging Face folder. They are found with and without the leading {@code model.},
 * which a folder saved from the bare model leaves out.
 */
record FolderTensors(Shards shards) implements StoredTensors {
  private static final String PREFIX = "model.";

  @Override
  public Set<String> names() {
    return shards.names();
  }

  @Override
  public boolean has(String name) {
    return shards.has(resolve(name));
  }

  @Override
  public WeightForm form(String name) {
    String stored = resolve(name);
    return new BitsAndBytes(shards, stored).isPresent() ? WeightForm.NF4 : denseForm(stored);
  }

  @Override
  public Weight matrix(String name, int rows, int columns) {
    String stored = resolve(name);
    BitsAndBytes quantized = new BitsAndBytes(shards, stored);
    if (quantized.isPresent()) {
      return quantized.read(rows, columns);
    }
    return dense(stored, rows, columns, List.of((long) rows, (long) columns));
  }

  @Override
  public float[] vector(String name, int size) {
    float[] vector = new float[size];
    dense(resolve(name), 1, size, List.of((long) size)).read(0, 1, vector, 0);
    return vector;
  }

  private Weight dense(String stored, int rows, int columns, List<Long> shape) {
    SafetensorsFile file = shards.holding(stored);
    TensorInfo info = file.info(stored);
    WeightForm form = denseForm(stored);
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

  private WeightForm denseForm(String stored) {
    SafetensorsFile file = shards.holding(stored);
    return switch (file.info(stored).type()) {
      case F32 -> WeightForm.F32;
      case F16 -> WeightForm.F16;
      case BF16 -> WeightForm.BF16;
      default ->
          throw new CheckpointException(
              file.where(stored)
                  + " is "
                  + file.info(stored).type()
                  + "; F32, F16, BF16 and NF4 of bitsandbytes are supported");
    };
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
