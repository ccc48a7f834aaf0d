package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_s32;

import io.github.lorascope.tensor.Tensor;

/**
 * How matrices of one size lie in memory.
 *
 * @param type oneDNN's type of their numbers
 * @param count how many matrices
 * @param rows rows of each
 * @param columns columns of each
 * @param matrixStride numbers from one matrix to the next
 * @param rowStride numbers from one row to the next
 * @param columnStride numbers from one column to the next
 */
record Layout(
    int type,
    int count,
    int rows,
    int columns,
    long matrixStride,
    long rowStride,
    long columnStride) {
  /** A tensor. */
  static Layout of(Tensor tensor) {
    int width = tensor.columns();
    long size = (long) tensor.rows() * tensor.stride();
    return new Layout(
        NativeStorage.type(tensor), 1, tensor.rows(), width, size, tensor.stride(), 1);
  }

  /** Matrices one behind the other, without gaps. */
  static Layout dense(int type, int count, int rows, int columns) {
    return new Layout(type, count, rows, columns, (long) rows * columns, columns, 1);
  }

  /** Tells whether numbers of two bytes can be taken for half as many of four. */
  boolean pairable() {
    return columnStride == 1 && (columns | rowStride | matrixStride) % 2 == 0;
  }

  /** Pairs of numbers of two bytes, as if each were one of four. */
  Layout pairs() {
    return new Layout(dnnl_s32, count, rows, columns / 2, matrixStride / 2, rowStride / 2, 1);
  }

  Layout transposed() {
    return new Layout(type, count, columns, rows, matrixStride, columnStride, rowStride);
  }
}
