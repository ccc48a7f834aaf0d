package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/**
 * A matrix in float32, row by row, multiplied by oneDNN's sgemm.
 *
 * @param w the matrix [inputs, outputs], or its transpose
 * @param transposed whether it is the transpose
 * @param rounding whether the rows are rounded to bfloat16 first
 */
record PlainMatrix(Tensor w, boolean transposed, boolean rounding) implements FrozenMatrix {
  @Override
  public int unit() {
    return 16;
  }

  @Override
  public long scratch(Tensor x, int rows) {
    return rounding ? Slot.scratchSize(Math.min(Bf16Rows.step(inputs()), rows), inputs()) : 0;
  }

  private int inputs() {
    return transposed ? w.columns() : w.rows();
  }

  @Override
  public void multiply(Slot slot, Tensor x, int from, int to, boolean add, Tensor y) {
    if (!rounding) {
      product(slot, x, from, to, add, y);
      return;
    }
    int step = Bf16Rows.step(x.columns());
    Tensor rounded = slot.scratch(Math.min(step, x.rows()), x.columns());
    for (int row = 0; row < x.rows(); row += step) {
      int end = Math.min(x.rows(), row + step);
      Tensor part = rounded.rows(0, end - row);
      Bf16Rows.round(slot, x.rows(row, end), part);
      product(slot, part, from, to, add, y.rows(row, end));
    }
  }

  private void product(Slot slot, Tensor x, int from, int to, boolean add, Tensor y) {
    double keep = add ? 1 : 0;
    if (transposed) {
      slot.products().timesTransposed(1, x, w.rows(from, to), keep, y);
    } else {
      slot.products().times(1, x, w.columns(from, to), keep, y);
    }
  }
}
