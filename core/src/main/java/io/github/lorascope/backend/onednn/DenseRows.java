package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/**
 * Rows without gaps for operations of oneDNN that want them: a tensor's own where it has none, else
 * copies. They go in runs of a power of two, as an operation is compiled for its size.
 */
final class DenseRows {
  /**
   * Numbers of a run: enough to be worth a call, which takes as long as a thousand numbers, and few
   * enough to stay in a cache until the next operation.
   */
  private static final int RUN = 1 << 16;

  private DenseRows() {}

  /**
   * Goes through rows in runs.
   *
   * @param copies how many matrices of a run's size a run takes scratch memory for
   */
  static void each(Workers workers, int rows, int columns, int copies, Workers.RowTask task) {
    int run = Split.run(Math.max(1, RUN / Math.max(1, columns)), RUN);
    long scratch = copies * Slot.scratchSize(Math.min(run, rows), columns);
    workers.run(
        Split.parts(rows, run),
        scratch,
        (slot, i) -> {
          int end = Math.min(rows, (i + 1) * run);
          int count;
          for (int row = i * run; row < end; row += count) {
            count = Split.run(end - row, run);
            task.run(slot, row, row + count);
            slot.reset();
          }
        });
  }

  /** Counts the matrices that {@link #of} or {@link #like} take scratch memory for. */
  static int copies(Tensor... matrices) {
    int copies = 0;
    for (Tensor matrix : matrices) {
      copies += matrix.contiguous() ? 0 : 1;
    }
    return copies;
  }

  /** Returns a matrix, or a copy of it. */
  static Tensor of(Slot slot, Tensor x) {
    Tensor dense = like(slot, x);
    if (dense != x) {
      copy(slot, x, dense);
    }
    return dense;
  }

  /** Returns a matrix, or an empty one of its size, for a result that {@link #end} takes there. */
  static Tensor like(Slot slot, Tensor x) {
    return x.contiguous() ? x : slot.scratch(x.rows(), x.columns());
  }

  /** Brings a result to the matrix that it is for. */
  static void end(Slot slot, Tensor dense, Tensor x) {
    if (dense != x) {
      copy(slot, dense, x);
    }
  }

  /** Copies row by row. */
  static void copy(Slot slot, Tensor from, Tensor to) {
    int columns = from.columns();
    float[] line = slot.line(0, columns);
    for (int row = 0; row < from.rows(); row++) {
      from.storage().read(from.offset(row), line, 0, columns);
      to.storage().write(to.offset(row), line, 0, columns);
    }
  }
}
