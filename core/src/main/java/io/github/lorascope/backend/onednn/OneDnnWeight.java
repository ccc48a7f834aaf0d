package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;

/**
 * A weight, and what products are computed with. That is made when a product first needs it, which
 * an embedding table never does, and kept where the {@link CopyBudget} allows; else it is made for
 * each use, some rows at a time, which costs little beside a product of many rows. Thread-safe.
 */
final class OneDnnWeight implements BackendWeight {
  /** Numbers that are read from the weight at once. */
  private static final int READ = 1 << 16;

  /** Numbers of a weight that are made at once where it is not kept: 16 MB in float32. */
  private static final int PART = 1 << 22;

  /** Rows of such a part are a multiple of this, so that they make whole panels. */
  private static final int PART_ROWS = 1024;

  /** Numbers of float32 in a cache line. */
  private static final int LINE = 16;

  /** Rows of fewer cache lines are left as they are: one more would take too much memory. */
  private static final int FEW_LINES = 16;

  private final Weight weight;
  private final WeightLayout layout;
  private final CopyBudget.Share share;
  private final boolean rounding;
  private final Workers workers;
  private final StoragePool pool;
  private final MemoryScope memory;
  private volatile Boolean kept;
  private volatile FrozenMatrix forward;
  private volatile FrozenMatrix backward;
  private boolean twice;

  /**
   * Creates a weight that takes no memory yet.
   *
   * @param weight the weight on the host
   * @param precision what products round their operands to
   * @param layout how to keep it
   * @param budget says whether to keep it
   * @param workers who derives it
   * @param pool where its memory comes from
   * @param owner frees it
   */
  OneDnnWeight(
      Weight weight,
      Precision precision,
      WeightLayout layout,
      CopyBudget budget,
      Workers workers,
      StoragePool pool,
      MemoryScope owner) {
    this.weight = weight;
    this.layout = layout;
    this.rounding = precision == Precision.BF16 && layout != WeightLayout.PACKED_BF16;
    this.workers = workers;
    this.pool = pool;
    this.memory = new MemoryScope(pool, "weight " + weight.name());
    owner.attach(memory);
    this.share = budget.share(weight, copyBytes());
    owner.attach(share);
  }

  @Override
  public Weight weight() {
    return weight;
  }

  /** Multiplies with some rows of W. */
  @FunctionalInterface
  interface Use {
    /**
     * Multiplies.
     *
     * @param matrix these rows of W backward, their transpose forward
     * @param from first row
     * @param to one past the last row
     */
    void with(FrozenMatrix matrix, int from, int to);
  }

  /** Hands out all rows of W in ascending order: together where it is kept, else part by part. */
  void use(Direction direction, Use use) {
    if (ready(direction)) {
      use.with(direction == Direction.FORWARD ? forward : backward, 0, weight.rows());
      return;
    }
    int step = Math.max(1, PART / PART_ROWS / weight.columns()) * PART_ROWS;
    for (int from = 0; from < weight.rows(); from += step) {
      int to = Math.min(weight.rows(), from + step);
      try (MemoryScope part = new MemoryScope(pool, "weight " + weight.name())) {
        use.with(matrix(direction, from, to, part), from, to);
      }
    }
  }

  /**
   * Makes what a direction needs, where that is kept, and tells whether it is. Takes no lock where
   * there is nothing to make: whoever makes the other direction's holds it and waits for threads
   * that may be here.
   */
  boolean ready(Direction direction) {
    if (Boolean.FALSE.equals(kept)) {
      return false;
    }
    return (direction == Direction.FORWARD ? forward : backward) != null || make(direction);
  }

  private synchronized boolean make(Direction direction) {
    if (kept == null) {
      twice = layout == WeightLayout.PLAIN && share.keepTwice();
      kept = twice || share.keep();
    }
    if (kept && direction == Direction.FORWARD && forward == null) {
      forward = lasting(direction, backward);
    } else if (kept && direction == Direction.BACKWARD && backward == null) {
      backward = lasting(direction, forward);
    }
    return kept;
  }

  /**
   * Makes a matrix that lasts as long as the weight; where that fails, nothing is left.
   *
   * @param other the other direction's, which it may share the memory of; null: none yet
   */
  private FrozenMatrix lasting(Direction direction, FrozenMatrix other) {
    if (!twice && other instanceof PlainMatrix made) {
      return new PlainMatrix(made.w(), !made.transposed(), rounding);
    }
    MemoryScope scope = new MemoryScope(pool, "weight " + weight.name());
    try {
      FrozenMatrix matrix = matrix(direction, 0, weight.rows(), scope);
      memory.attach(scope);
      return matrix;
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  private long copyBytes() {
    return (long) Float.BYTES * weight.rows() * stride(weight.columns());
  }

  /**
   * Returns the numbers from one row of a plain copy to the next: an odd number of cache lines, as
   * a column of rows of 1,536 numbers fits into two sets of a processor's first cache, and such a
   * product takes half as long again.
   */
  private int stride(int columns) {
    int lines = Split.parts(columns, LINE);
    boolean crowded = layout == WeightLayout.PLAIN && lines >= FEW_LINES && lines % 2 == 0;
    return crowded ? (lines + 1) * LINE : columns;
  }

  private Tensor empty(int rows, int columns, MemoryScope scope) {
    return scope.tensor(rows, stride(columns)).columns(0, columns);
  }

  private FrozenMatrix matrix(Direction direction, int from, int to, MemoryScope scope) {
    boolean transposed = direction == Direction.FORWARD;
    if (layout == WeightLayout.PACKED_BF16) {
      try (MemoryScope temporary = new MemoryScope(pool, "weight " + weight.name())) {
        Tensor w = read(from, to, temporary);
        return PackedMatrix.pack(w, transposed, workers, scope);
      }
    }
    if (twice && transposed) {
      return new PlainMatrix(readTransposed(scope), false, rounding);
    }
    return new PlainMatrix(read(from, to, scope), transposed, rounding);
  }

  private Tensor read(int first, int end, MemoryScope scope) {
    int columns = weight.columns();
    Tensor w = empty(end - first, columns, scope);
    read(
        first,
        end,
        (slot, values, from, to) -> {
          for (int row = from; row < to; row++) {
            w.storage().write(w.offset(row - first), values, (row - from) * columns, columns);
          }
        });
    return w;
  }

  private Tensor readTransposed(MemoryScope scope) {
    int columns = weight.columns();
    Tensor w = empty(columns, weight.rows(), scope);
    read(
        0,
        weight.rows(),
        (slot, values, from, to) -> {
          float[] line = slot.line(1, to - from);
          for (int column = 0; column < columns; column++) {
            for (int row = from; row < to; row++) {
              line[row - from] = values[(row - from) * columns + column];
            }
            w.storage().write(w.offset(column) + from, line, 0, to - from);
          }
        });
    return w;
  }

  /** Takes some rows of the weight. */
  @FunctionalInterface
  private interface Part {
    void take(Slot slot, float[] values, int from, int to);
  }

  private void read(int first, int end, Part part) {
    int step = Math.max(1, READ / Math.max(1, weight.columns()));
    workers.run(
        Split.parts(end - first, step),
        (slot, i) -> {
          int from = first + i * step;
          int to = Math.min(end, from + step);
          float[] values = slot.line(0, (to - from) * weight.columns());
          if (rounding) {
            weight.readRounded(from, to, values, 0);
          } else {
            weight.read(from, to, values, 0);
          }
          part.take(slot, values, from, to);
        });
  }
}
