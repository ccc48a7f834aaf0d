package io.github.lorascope.backend.onednn;

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
  /** Matrices one behind the other, without gaps. */
  static Layout dense(int type, int count, int rows, int columns) {
    return new Layout(type, count, rows, columns, (long) rows * columns, columns, 1);
  }

  Layout transposed() {
    return new Layout(type, count, columns, rows, matrixStride, columnStride, rowStride);
  }
}
