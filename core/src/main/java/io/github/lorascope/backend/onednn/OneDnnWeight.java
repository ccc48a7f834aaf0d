package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.Weight;

/**
 * A weight, and what products are computed with. That is made when a product first needs it, which
 * an embedding table never does, and kept while at most half of the memory cap is used; else it is
 * made for each use, which costs little beside a product of many rows. Thread-safe.
 */
final class OneDnnWeight implements BackendWeight {
  /** Numbers that are read from the weight at once. */
  private static final int READ = 1 << 16;

  private final Weight weight;
  private final WeightLayout layout;
  private final boolean rounding;
  private final Workers workers;
  private final StoragePool pool;
  private final MemoryScope memory;
  private Boolean kept;
  private Tensor plain;
  private FrozenMatrix forward;
  private FrozenMatrix backward;

  /**
   * Creates a weight that takes no memory yet.
   *
   * @param weight the weight on the host
   * @param precision what products round their operands to
   * @param layout how to keep it
   * @param workers who derives it
   * @param pool where its memory comes from
   * @param owner frees it
   */
  OneDnnWeight(
      Weight weight,
      Precision precision,
      WeightLayout layout,
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
  }

  @Override
  public Weight weight() {
    return weight;
  }

  /**
   * Returns W^T, which the forward pass multiplies with.
   *
   * @param use what its memory is taken from where it is not kept
   */
  synchronized FrozenMatrix forward(MemoryScope use) {
    if (forward != null) {
      return forward;
    }
    if (!keeps()) {
      return matrix(true, use);
    }
    forward = matrix(true, memory);
    return forward;
  }

  /**
   * Returns W, which the backward pass multiplies with.
   *
   * @param use what its memory is taken from where it is not kept
   */
  synchronized FrozenMatrix backward(MemoryScope use) {
    if (backward != null) {
      return backward;
    }
    if (!keeps()) {
      return matrix(false, use);
    }
    backward = matrix(false, memory);
    return backward;
  }

  /** Makes what a direction needs, where that is kept, and tells whether it is. */
  synchronized boolean ready(Direction direction) {
    if (!keeps()) {
      return false;
    }
    if (direction == Direction.FORWARD) {
      forward(memory);
    } else {
      backward(memory);
    }
    return true;
  }

  /** Leaves half of what may be held to activations; decided once, so that results do not vary. */
  private boolean keeps() {
    if (kept == null) {
      long copies = layout == WeightLayout.PACKED_F32 ? 2 : 1;
      long bytes = copies * Float.BYTES * weight.rows() * weight.columns();
      kept = bytes <= pool.account().cap() / 2 - pool.account().used();
    }
    return kept;
  }

  private FrozenMatrix matrix(boolean transposed, MemoryScope scope) {
    if (layout == WeightLayout.PLAIN) {
      Tensor w = scope == memory && plain != null ? plain : read(scope);
      if (scope == memory) {
        plain = w;
      }
      return new PlainMatrix(w, transposed, rounding);
    }
    try (MemoryScope temporary = new MemoryScope(pool, "weight " + weight.name())) {
      return PackedMatrix.pack(read(temporary), transposed, layout, rounding, workers, scope);
    }
  }

  private Tensor read(MemoryScope scope) {
    Tensor w = scope.tensor(weight.rows(), weight.columns());
    int columns = w.columns();
    int step = Math.max(1, READ / Math.max(1, columns));
    workers.run(
        Split.parts(w.rows(), step),
        (slot, i) -> {
          int from = i * step;
          int to = Math.min(w.rows(), from + step);
          int count = (to - from) * columns;
          float[] values = slot.line(0, count);
          weight.read(from, to, values, 0);
          if (rounding) {
            for (int j = 0; j < count; j++) {
              values[j] = Bfloat16.round(values[j]);
            }
          }
          w.storage().write(w.offset(from), values, 0, count);
        });
    return w;
  }
}
