package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.LowRank;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * Matrices as the products of a LoRA path take them, for one call. Products are of float32 where xa
 * is, else of bfloat16; there matrices are filled up with zeros, as {@link Bf16Rows#filled} says.
 */
final class LoraOperands {
  /** Rows whose dropout is applied at once. */
  static final int DROPPED = 128;

  private final LowRank adapter;
  private final Workers workers;
  private final MemoryScope scope;
  private final boolean narrow;

  /**
   * Begins a call.
   *
   * @param scope holds copies as long as the call
   */
  LoraOperands(LowRank adapter, Workers workers, MemoryScope scope) {
    this.adapter = adapter;
    this.workers = workers;
    this.scope = scope;
    this.narrow = NativeStorage.narrow(adapter.xa());
  }

  /** Returns how much scratch memory it takes to {@link #drop} some of a matrix. */
  long scratch(int rows, int columns) {
    return adapter.dropout().rate() == 0
        ? 0
        : 2 * Slot.scratchSize(Math.min(DROPPED, rows), columns);
  }

  /** Copies a part of x, with dropout. */
  Tensor drop(Slot slot, Tensor x, Grid.Part part) {
    int inputs = adapter.a().columns();
    int columns = part.right() - part.left();
    Tensor source = part.of(x);
    Tensor kept = slot.scratch(source.rows(), columns);
    DenseRows.copy(slot, source, kept);
    float[] line = slot.line(0, columns);
    for (int row = 0; row < source.rows(); row++) {
      kept.storage().read(kept.offset(row), line, 0, columns);
      adapter.dropout().apply(line, columns, (long) (part.top() + row) * inputs + part.left());
      kept.storage().write(kept.offset(row), line, 0, columns);
    }
    return DenseRows.of(slot, kept, narrow);
  }

  /** Returns a matrix of numbers for tokens as products take it, with at least its columns. */
  Tensor ofTokens(Tensor x) {
    return fit(x, x.rows());
  }

  /** Returns A or B as products take it, with at least its rows and columns. */
  Tensor parameters(Tensor x) {
    return fit(x, narrow ? Bf16Rows.filled(x.rows()) : x.rows());
  }

  private Tensor fit(Tensor x, int rows) {
    int columns = narrow ? Bf16Rows.filled(x.columns()) : x.columns();
    if (NativeStorage.narrow(x) == narrow && x.columns() == columns && x.rows() == rows) {
      return x;
    }
    Tensor copy = narrow ? scope.rounded(rows, columns) : scope.tensor(rows, columns);
    if (rows != x.rows() || columns != x.columns()) {
      copy.fill(0);
    }
    Rows.copy(workers, x, copy.rows(0, x.rows()).columns(0, x.columns()));
    return copy;
  }
}
