package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** Checks of shapes before native code is trusted with addresses. */
final class Expect {
  private Expect() {}

  /** Requires a shape. */
  static void shape(String name, Tensor tensor, int rows, int columns) {
    if (tensor.rows() != rows || tensor.columns() != columns) {
      throw new IllegalArgumentException(
          name + " is a " + tensor + " where one [" + rows + ", " + columns + "] belongs");
    }
  }

  /** Requires the shape of another. */
  static void same(String name, Tensor tensor, Tensor other) {
    shape(name, tensor, other.rows(), other.columns());
  }
}
