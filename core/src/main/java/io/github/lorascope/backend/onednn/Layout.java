package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;

import org.bytedeco.dnnl.dnnl_memory_desc;

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

  /** Describes it to oneDNN; the caller destroys the answer. */
  dnnl_memory_desc describe() {
    dnnl_memory_desc description = new dnnl_memory_desc();
    OneDnnLibrary.check(
        dnnl_memory_desc_create_with_strides(
            description,
            3,
            new long[] {count, rows, columns},
            type,
            new long[] {matrixStride, rowStride, columnStride}),
        "describing matrices");
    return description;
  }
}
