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

  /** Tells whether all matrices are in bfloat16. */
  static boolean narrow(Tensor... matrices) {
    boolean narrow = true;
    for (Tensor matrix : matrices) {
      narrow &= NativeStorage.narrow(matrix);
    }
    return narrow;
  }

  /** Counts the matrices that {@link #of} or {@link #like} take scratch memory for, in a type. */
  static int copies(boolean narrow, Tensor... matrices) {
    int copies = 0;
    for (Tensor matrix : matrices) {
      copies += fits(matrix, narrow) ? 0 : 1;
    }
    return copies;
  }

  private static boolean fits(Tensor x, boolean narrow) {
    return x.contiguous() && NativeStorage.narrow(x) == narrow;
  }

  /** Returns a matrix, or a copy of it. */
  static Tensor of(Slot slot, Tensor x) {
    return of(slot, x, NativeStorage.narrow(x));
  }

  /** Returns a matrix, or a copy of it, in bfloat16 or in float32. */
  static Tensor of(Slot slot, Tensor x, boolean narrow) {
    Tensor dense = like(slot, x, narrow);
    if (dense != x) {
      copy(slot, x, dense);
    }
    return dense;
  }

  /** Returns a matrix, or an empty one of its size, for a result that {@link #end} takes there. */
  static Tensor like(Slot slot, Tensor x) {
    return like(slot, x, NativeStorage.narrow(x));
  }

  /** The same in bfloat16 or in float32. */
  static Tensor like(Slot slot, Tensor x, boolean narrow) {
    if (fits(x, narrow)) {
      return x;
    }
    return narrow ? slot.halves(x.rows(), x.columns()) : slot.scratch(x.rows(), x.columns());
  }

  /** Brings a result to the matrix that it is for. */
  static void end(Slot slot, Tensor dense, Tensor x) {
    if (dense != x) {
      copy(slot, dense, x);
    }
  }

  /** Copies rows, rounded where they go to bfloat16. */
  static void copy(Slot slot, Tensor from, Tensor to) {
    LayoutCopy.run(
        slot,
        Layout.of(from),
        NativeStorage.address(from),
        Layout.of(to),
        NativeStorage.address(to));
  }
}
