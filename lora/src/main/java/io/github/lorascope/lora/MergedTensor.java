package io.github.lorascope.lora;

import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import java.util.function.Supplier;

/**
 * A tensor of a merged model, whose numbers are found when they are written.
 *
 * @param name as in a Hugging Face folder
 * @param shape its sizes, one or two
 * @param weight finds the numbers; a vector is one row
 */
record MergedTensor(String name, Shape shape, Supplier<Weight> weight) {
  /** A vector has no rows. */
  record Shape(int rows, int columns) {
    long[] sizes() {
      return rows == 0 ? new long[] {columns} : new long[] {rows, columns};
    }

    long elements() {
      return (long) Math.max(1, rows) * columns;
    }
  }

  static MergedTensor matrix(String name, int rows, int columns, Supplier<Weight> weight) {
    return new MergedTensor(name, new Shape(rows, columns), weight);
  }

  static MergedTensor vector(String name, int size, Supplier<float[]> values) {
    return new MergedTensor(
        name, new Shape(0, size), () -> DenseWeight.of(name, 1, size, values.get()));
  }

  long bytes(DataType type) {
    return shape.elements() * type.bytes();
  }
}
