package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;

/** y = x W^T + bias + scale * dropout(x) A^T B^T, and its gradient; the LoRA path in float32. */
final class Linear {
  private final Device device;
  private final StoragePool pool;

  Linear(Device device, StoragePool pool) {
    this.device = device;
    this.pool = pool;
  }

  void forward(Tensor x, CudaWeight weight, Tensor bias, LowRank adapter, Tensor y) {
    if (y.rows() == 0) {
      return;
    }
    try (MemoryScope scratch = new MemoryScope(pool, "a linear layer")) {
      if (bias != null) {
        new Launch(device, "repeat_row")
            .row(bias)
            .matrix(y)
            .value(y.columns())
            .run(Grid.of(y.rows(), y.columns()));
      }
      weight.forward(x, bias == null ? 0 : 1, y, scratch);
      if (adapter != null) {
        Operand dropped = Operand.of(dropped(x, adapter.dropout(), scratch));
        multiply(1, dropped, x.columns(), Operand.of(adapter.a()).transpose(), 0, adapter.xa());
        Operand b = Operand.of(adapter.b()).transpose();
        float scale = (float) adapter.scale();
        multiply(scale, Operand.of(adapter.xa()), adapter.xa().columns(), b, 1, y);
      }
    }
  }

  /** With u = scale dy B: dA += u^T dropout(x), dB += scale dy^T xa, dx += dropout(u A). */
  void backward(
      Tensor dy,
      CudaWeight weight,
      LowRank adapter,
      LowRankGradient gradient,
      Tensor dx,
      boolean add) {
    if (dy.rows() == 0) {
      return;
    }
    try (MemoryScope scratch = new MemoryScope(pool, "the gradient of a linear layer")) {
      if (dx != null) {
        weight.backward(dy, add ? 1 : 0, dx, scratch);
      }
      if (adapter == null || (dx == null && gradient == null)) {
        return;
      }
      float scale = (float) adapter.scale();
      Operand d = Operand.of(dy);
      Tensor u = scratch.tensor(dy.rows(), adapter.a().rows());
      multiply(scale, d, dy.columns(), Operand.of(adapter.b()), 0, u);
      if (gradient != null) {
        Tensor x = dropped(gradient.x(), adapter.dropout(), scratch);
        multiply(1, Operand.of(u).transpose(), u.rows(), Operand.of(x), 1, gradient.a());
        Operand xa = Operand.of(adapter.xa());
        multiply(scale, d.transpose(), dy.rows(), xa, 1, gradient.b());
      }
      if (dx != null) {
        up(u, adapter, dx, scratch);
      }
    }
  }

  private void up(Tensor u, LowRank adapter, Tensor dx, MemoryScope scratch) {
    Operand a = Operand.of(adapter.a());
    if (adapter.dropout().rate() == 0) {
      multiply(1, Operand.of(u), u.columns(), a, 1, dx);
      return;
    }
    Tensor path = scratch.tensor(dx.rows(), dx.columns());
    multiply(1, Operand.of(u), u.columns(), a, 0, path);
    drop("add_dropped", path, adapter.dropout(), dx);
  }

  private Tensor dropped(Tensor x, Dropout dropout, MemoryScope scratch) {
    if (dropout.rate() == 0) {
      return x;
    }
    Tensor y = scratch.tensor(x.rows(), x.columns());
    drop("drop", x, dropout, y);
    return y;
  }

  private void drop(String kernel, Tensor x, Dropout dropout, Tensor y) {
    new Launch(device, kernel)
        .matrix(x)
        .matrix(y)
        .value(x.columns())
        .value(dropout.seed())
        .value(dropout.threshold())
        .value(dropout.kept())
        .run(Grid.of(x.rows(), x.columns()));
  }

  private void multiply(float alpha, Operand a, int inner, Operand b, float beta, Tensor c) {
    Product.of(alpha, a, inner, b, beta, c).run(device);
  }
}
