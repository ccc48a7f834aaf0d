package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** y = x W^T + bias + scale dropout(x) A^T B^T, and its gradient. */
final class Linear {
  private final Workers workers;
  private final StoragePool pool;

  Linear(Workers workers, StoragePool pool) {
    this.workers = workers;
    this.pool = pool;
  }

  void forward(Tensor x, OneDnnWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    try (MemoryScope scope = new MemoryScope(pool, "the forward pass of a linear layer")) {
      LoraPath path = adapter == null ? null : new LoraPath(adapter, workers, scope);
      Tensor xa = path == null ? null : path.down(x);
      weight.use(
          Direction.FORWARD,
          (w, from, to) -> {
            Tensor added = bias == null ? null : bias.columns(from, to);
            outputs(x, w, added, path, xa, from, y.columns(from, to));
          });
    }
  }

  /**
   * Some columns of y.
   *
   * @param first the first of them, of all
   */
  private void outputs(
      Tensor x, FrozenMatrix w, Tensor bias, LoraPath path, Tensor xa, int first, Tensor y) {
    Grid grid = Grid.of(y.rows(), y.columns(), w.unit(), workers.threads());
    workers.run(
        grid.tasks(),
        w.scratch(x, grid.rowStep()),
        (slot, i) -> {
          Grid.Part part = grid.part(i);
          Tensor out = part.of(y);
          if (bias != null) {
            repeat(slot, bias.columns(part.left(), part.right()), out);
          }
          Tensor in = x.rows(part.top(), part.bottom());
          w.multiply(slot, in, part.left(), part.right(), bias != null, out);
          if (path != null) {
            path.addUp(slot, xa.rows(part.top(), part.bottom()), first + part.left(), out);
          }
        });
  }

  /** With dxa = scale dy B: dx (+)= dy W + dropout(dxa A). */
  void backward(
      Tensor dy, OneDnnWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    try (MemoryScope scope = new MemoryScope(pool, "the backward pass of a linear layer")) {
      LoraPath path = adapter == null ? null : new LoraPath(adapter, workers, scope);
      Tensor d = path == null ? dy : path.ofTokens(dy);
      Tensor u = path == null ? null : path.gradientOfXa(d, dxa);
      if (dx != null) {
        weight.use(
            Direction.BACKWARD,
            (w, from, to) -> {
              LoraPath beside = to == dy.columns() ? path : null; // once, behind all of them
              inputs(d.columns(from, to), w, beside, u, add || from > 0, dx);
            });
      }
    }
  }

  /** dA += dxa^T dropout(x), dB += scale dy^T xa, of all paths at once. */
  void gradients(List<LowRankGradient> gradients) {
    try (MemoryScope scope = new MemoryScope(pool, "the gradients of LoRA paths")) {
      List<Workers.Task> tasks = new ArrayList<>();
      long scratch = 0;
      for (LowRankGradient gradient : gradients) {
        LoraGradient of = new LoraGradient(gradient, workers, scope);
        of.addTasks(tasks);
        scratch = Math.max(scratch, of.scratch());
      }
      workers.run(tasks.size(), scratch, (slot, i) -> tasks.get(i).run(slot, i));
    }
  }

  /** What some rows of the weight, and the LoRA path if there is one, add to dx. */
  private void inputs(Tensor dy, FrozenMatrix w, LoraPath path, Tensor u, boolean add, Tensor dx) {
    Grid grid = Grid.of(dx.rows(), dx.columns(), w.unit(), workers.threads());
    workers.run(
        grid.tasks(),
        w.scratch(dy, grid.rowStep())
            + (path == null ? 0 : path.scratch(grid.rowStep(), grid.columnStep())),
        (slot, i) -> {
          Grid.Part part = grid.part(i);
          Tensor in = dy.rows(part.top(), part.bottom());
          w.multiply(slot, in, part.left(), part.right(), add, part.of(dx));
          if (path != null) {
            path.addDown(slot, u, part, dx);
          }
        });
  }

  private static void repeat(Slot slot, Tensor bias, Tensor y) {
    DenseRows.copy(slot, bias, y.rows(0, 1));
    for (int row = 1; row < y.rows(); row++) {
      NativeStorage.copyRow(y, 0, y, row);
    }
  }
}
