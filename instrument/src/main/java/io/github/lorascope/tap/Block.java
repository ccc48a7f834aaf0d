package io.github.lorascope.tap;

import io.github.lorascope.tensor.Tensor;

/**
 * A run of numbers in buffers of one arrangement.
 *
 * @param from the first, from the buffer's begin
 * @param size how many
 */
record Block(int from, int size) {
  /** Finds a matrix without gaps between its rows in the buffer that it looks at. */
  static Block of(Tensor view, Tensor buffer) {
    return new Block(
        Math.toIntExact(view.offset() - buffer.offset()),
        Math.multiplyExact(view.rows(), view.columns()));
  }

  /** The same numbers of a buffer [1, n]. */
  Tensor in(Tensor buffer) {
    return buffer.columns(from, from + size);
  }
}
