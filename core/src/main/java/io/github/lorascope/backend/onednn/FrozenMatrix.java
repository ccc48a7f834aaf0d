package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** A matrix M [inputs, outputs], ready for rows to be multiplied with it. */
interface FrozenMatrix {
  /**
   * Returns what the first of a range of columns must be a multiple of.
   *
   * @return the unit
   */
  int unit();

  /**
   * Returns how much scratch memory {@link #multiply} takes.
   *
   * @param x all rows [n, inputs]
   * @param rows how many of them at once
   * @return how many numbers of float32
   */
  long scratch(Tensor x, int rows);

  /**
   * Computes some columns of {@code y = x M}, or adds them to y.
   *
   * @param slot what to compute with
   * @param x the rows [n, inputs]
   * @param from first column of M, a multiple of the unit
   * @param to one past the last column, a multiple of the unit or the end
   * @param add whether to add to y rather than overwrite it
   * @param y receives the product [n, to - from]
   */
  void multiply(Slot slot, Tensor x, int from, int to, boolean add, Tensor y);
}
