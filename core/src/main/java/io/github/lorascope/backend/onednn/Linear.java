package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;

/** y = x W^T + bias + scale dropout(x) A^T B^T, and its gradient. */
final class Linear {
  /** Rows whose dropout is applied at once. */
  private static final int DROPPED = 128;

  private final Workers workers;
  private final StoragePool pool;

  Linear(Workers workers, StoragePool pool) {
    this.workers = workers;
    this.pool = pool;
  }

  void forward(Tensor x, OneDnnWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    if (adapter != null) {
      workers.rows(
          x.rows(),
          x.columns(),
          dropped(adapter, x.rows(), x.columns()),
          (slot, from, to) -> down(slot, x, adapter, from, to));
    }
    weight.use(
        Direction.FORWARD,
        (w, from, to) ->
            outputs(
                x,
                w,
                bias == null ? null : bias.columns(from, to),
                adapter,
                adapter == null ? null : adapter.b().rows(from, to),
                y.columns(from, to)));
  }

  /** Some columns of y, and the rows of the weight, the bias and B that make them. */
  private void outputs(Tensor x, FrozenMatrix w, Tensor bias, LowRank adapter, Tensor b, Tensor y) {
    Grid grid = Grid.of(y.rows(), y.columns(), w.unit(), workers.threads());
    workers.run(
        grid.tasks(),
        w.scratch(grid.rowStep()),
        (slot, i) -> {
          Grid.Part part = grid.part(i);
          Tensor out = part.of(y);
          if (bias != null) {
            repeat(slot, bias.columns(part.left(), part.right()), out);
          }
          Tensor in = x.rows(part.top(), part.bottom());
          w.multiply(slot, in, part.left(), part.right(), bias != null, out);
          if (adapter != null) {
            Tensor xa = adapter.xa().rows(part.top(), part.bottom());
            Tensor rows = b.rows(part.left(), part.right());
            slot.products().timesTransposed(adapter.scale(), xa, rows, 1, out);
          }
        });
  }

  /**
   * With u = scale dy B: dx (+)= dy W + dropout(u A), dA += u^T dropout(x), dB += scale dy^T xa.
   */
  void backward(
      Tensor dy,
      OneDnnWeight weight,
      LowRank adapter,
      LowRankGradient gradient,
      Tensor dx,
      boolean add) {
    try (MemoryScope scope = new MemoryScope(pool, "the backward pass of a linear layer")) {
      Tensor u = adapter == null ? null : scope.tensor(dy.rows(), adapter.b().columns());
      if (adapter != null) {
        workers.rows(
            dy.rows(),
            dy.columns(),
            (slot, from, to) ->
                slot.products()
                    .times(adapter.scale(), dy.rows(from, to), adapter.b(), 0, u.rows(from, to)));
      }
      if (dx != null) {
        weight.use(
            Direction.BACKWARD,
            (w, from, to) -> {
              LowRank beside = to == dy.columns() ? adapter : null; // once, behind all of them
              inputs(dy.columns(from, to), w, beside, u, add || from > 0, dx);
            });
      }
      if (gradient != null) {
        parameters(dy, adapter, gradient, u);
      }
    }
  }

  /** What some rows of the weight, and the adapter if there is one, add to dx. */
  private void inputs(
      Tensor dy, FrozenMatrix w, LowRank adapter, Tensor u, boolean add, Tensor dx) {
    Grid grid = Grid.of(dx.rows(), dx.columns(), w.unit(), workers.threads());
    workers.run(
        grid.tasks(),
        w.scratch(grid.rowStep()) + dropped(adapter, grid.rowStep(), grid.columnStep()),
        (slot, i) -> {
          Grid.Part part = grid.part(i);
          Tensor in = dy.rows(part.top(), part.bottom());
          w.multiply(slot, in, part.left(), part.right(), add, part.of(dx));
          if (adapter != null) {
            up(slot, u, adapter, part, dx);
          }
        });
  }

  /** Returns how much scratch memory it takes to drop some of a matrix. */
  private static long dropped(LowRank adapter, int rows, int columns) {
    return adapter == null || adapter.dropout().rate() == 0
        ? 0
        : Slot.scratchSize(Math.min(DROPPED, rows), columns);
  }

  /** xa = dropout(x) A^T. */
  private static void down(Slot slot, Tensor x, LowRank adapter, int from, int to) {
    if (adapter.dropout().rate() == 0) {
      slot.products()
          .timesTransposed(1, x.rows(from, to), adapter.a(), 0, adapter.xa().rows(from, to));
      return;
    }
    Tensor dropped = slot.scratch(Math.min(DROPPED, to - from), x.columns());
    for (int top = from; top < to; top += DROPPED) {
      int bottom = Math.min(to, top + DROPPED);
      Tensor part = dropped.rows(0, bottom - top);
      drop(slot, x, adapter.dropout(), new Grid.Part(top, bottom, 0, x.columns()), part);
      slot.products().timesTransposed(1, part, adapter.a(), 0, adapter.xa().rows(top, bottom));
    }
  }

  /** dx += dropout(u A). */
  private static void up(Slot slot, Tensor u, LowRank adapter, Grid.Part part, Tensor dx) {
    Tensor a = adapter.a().columns(part.left(), part.right());
    if (adapter.dropout().rate() == 0) {
      slot.products().times(1, u.rows(part.top(), part.bottom()), a, 1, part.of(dx));
      return;
    }
    int columns = part.right() - part.left();
    Tensor path = slot.scratch(Math.min(DROPPED, part.bottom() - part.top()), columns);
    float[] line = slot.line(0, columns);
    float[] sum = slot.line(1, columns);
    for (int top = part.top(); top < part.bottom(); top += DROPPED) {
      int bottom = Math.min(part.bottom(), top + DROPPED);
      slot.products().times(1, u.rows(top, bottom), a, 0, path.rows(0, bottom - top));
      for (int row = top; row < bottom; row++) {
        path.storage().read(path.offset(row - top), line, 0, columns);
        adapter.dropout().apply(line, columns, (long) row * dx.columns() + part.left());
        long at = dx.offset(row) + part.left();
        dx.storage().read(at, sum, 0, columns);
        for (int i = 0; i < columns; i++) {
          sum[i] += line[i];
        }
        dx.storage().write(at, sum, 0, columns);
      }
    }
  }

  /** Each thread sums over all rows for its own columns of A and rows of B: a fixed order. */
  private void parameters(Tensor dy, LowRank adapter, LowRankGradient gradient, Tensor u) {
    int inputs = gradient.a().columns();
    int outputs = gradient.b().rows();
    int stepA = Split.up(Split.size(inputs, workers.threads()), 16);
    int stepB = Split.up(Split.size(outputs, workers.threads()), 16);
    int partsA = Split.parts(inputs, stepA);
    workers.run(
        partsA + Split.parts(outputs, stepB),
        dropped(adapter, dy.rows(), stepA),
        (slot, i) -> {
          if (i < partsA) {
            int from = i * stepA;
            down(slot, u, adapter.dropout(), gradient, from, Math.min(inputs, from + stepA));
          } else {
            int from = (i - partsA) * stepB;
            int to = Math.min(outputs, from + stepB);
            slot.products()
                .transposedTimes(
                    adapter.scale(),
                    dy.columns(from, to),
                    adapter.xa(),
                    1,
                    gradient.b().rows(from, to));
          }
        });
  }

  /** Some columns of dA += u^T dropout(x). */
  private static void down(
      Slot slot, Tensor u, Dropout dropout, LowRankGradient gradient, int from, int to) {
    Tensor x = gradient.x();
    Tensor da = gradient.a().columns(from, to);
    if (dropout.rate() == 0) {
      slot.products().transposedTimes(1, u, x.columns(from, to), 1, da);
      return;
    }
    Tensor dropped = slot.scratch(Math.min(DROPPED, x.rows()), to - from);
    for (int top = 0; top < x.rows(); top += DROPPED) {
      int bottom = Math.min(x.rows(), top + DROPPED);
      Tensor part = dropped.rows(0, bottom - top);
      drop(slot, x, dropout, new Grid.Part(top, bottom, from, to), part);
      slot.products().transposedTimes(1, u.rows(top, bottom), part, 1, da);
    }
  }

  /** Copies a part of x, with dropout, to y. */
  private static void drop(Slot slot, Tensor x, Dropout dropout, Grid.Part part, Tensor y) {
    int columns = part.right() - part.left();
    float[] line = slot.line(0, columns);
    for (int row = part.top(); row < part.bottom(); row++) {
      x.storage().read(x.offset(row) + part.left(), line, 0, columns);
      dropout.apply(line, columns, (long) row * x.columns() + part.left());
      y.storage().write(y.offset(row - part.top()), line, 0, columns);
    }
  }

  private static void repeat(Slot slot, Tensor bias, Tensor y) {
    float[] line = slot.line(0, bias.columns());
    bias.storage().read(bias.offset(), line, 0, bias.columns());
    for (int row = 0; row < y.rows(); row++) {
      y.storage().write(y.offset(row), line, 0, bias.columns());
    }
  }
}
