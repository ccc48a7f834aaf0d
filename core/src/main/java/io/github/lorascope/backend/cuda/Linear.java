package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.StoragePool;
import io.github.lorascope.tensor.Tensor;

/**
 * y = x W^T + bias + scale * dropout(x) A^T B^T, and its gradient. The LoRA path is computed in
 * float32, or in bfloat16 where the activations are kept so; it comes before the product with W,
 * which then adds to it, so that what the path adds is rounded by its own size.
 */
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
      float beta = 0;
      if (bias != null) {
        new Launch(device, "repeat_row", DeviceStorage.type(y))
            .row(bias)
            .typed(y)
            .value(y.columns())
            .run(Grid.of(y.rows(), y.columns()));
        beta = 1;
      }
      if (adapter != null) {
        Path path = new Path(adapter, DeviceStorage.type(y), scratch);
        path.multiply(1, path.dropped(x), x.columns(), path.a().transpose(), 0, adapter.xa());
        float scale = (float) adapter.scale();
        path.multiply(scale, path.xa(), path.rank(), path.b().transpose(), beta, y);
        beta = 1;
      }
      weight.forward(x, beta, y, scratch);
    }
  }

  /** With dxa = scale dy B: dx (+)= dy W + dropout(dxa A). */
  void backward(Tensor dy, CudaWeight weight, LowRank adapter, Tensor dxa, Tensor dx, boolean add) {
    if (dy.rows() == 0 || (dx == null && adapter == null)) {
      return;
    }
    try (MemoryScope scratch = new MemoryScope(pool, "the gradient of a linear layer")) {
      float beta = add ? 1 : 0;
      Operand rounded = Operand.rounded(dy, weight.rounding(), device, scratch);
      if (adapter != null) {
        Path path = new Path(adapter, DeviceStorage.type(adapter.xa()), scratch);
        Operand d = path.type == weight.rounding() ? rounded : path.operand(dy);
        path.multiply((float) adapter.scale(), d, dy.columns(), path.b(), 0, dxa);
        if (dx != null) {
          path.up(dxa, beta, dx);
          beta = 1;
        }
      }
      if (dx != null) {
        weight.backward(rounded, beta, dx, scratch);
      }
    }
  }

  /** dA += dxa^T dropout(x), dB += scale dy^T xa. */
  void gradients(LowRankGradient gradient) {
    Tensor dy = gradient.dy();
    if (dy.rows() == 0) {
      return;
    }
    try (MemoryScope scratch = new MemoryScope(pool, "the gradient of a LoRA path")) {
      LowRank adapter = gradient.path();
      Path path = new Path(adapter, DeviceStorage.type(adapter.xa()), scratch);
      Operand u = path.operand(gradient.dxa());
      Operand x = path.dropped(gradient.x());
      path.multiply(1, u.transpose(), dy.rows(), x, 1, gradient.a());
      Operand d = path.operand(dy).transpose();
      path.multiply((float) adapter.scale(), d, dy.rows(), path.xa(), 1, gradient.b());
    }
  }

  /** A LoRA path, and what its products are computed in. */
  private final class Path {
    private final LowRank adapter;
    private final NumberType type;
    private final MemoryScope scratch;

    Path(LowRank adapter, NumberType type, MemoryScope scratch) {
      this.adapter = adapter;
      this.type = type;
      this.scratch = scratch;
    }

    int rank() {
      return adapter.a().rows();
    }

    Operand a() {
      return operand(adapter.a());
    }

    Operand b() {
      return operand(adapter.b());
    }

    Operand xa() {
      return operand(adapter.xa());
    }

    Operand operand(Tensor tensor) {
      return Operand.rounded(tensor, type, device, scratch);
    }

    Tensor tensor(int rows, int columns) {
      return type == NumberType.BF16
          ? scratch.rounded(rows, columns)
          : scratch.tensor(rows, columns);
    }

    Operand dropped(Tensor x) {
      Dropout dropout = adapter.dropout();
      if (dropout.rate() == 0) {
        return operand(x);
      }
      Tensor y = tensor(x.rows(), x.columns());
      dropout(new Launch(device, "drop", type).typed(x).typed(y), x)
          .run(Grid.of(x.rows(), x.columns()));
      return Operand.of(y);
    }

    /** dx = beta dx + dropout(u A). */
    void up(Tensor u, float beta, Tensor dx) {
      if (adapter.dropout().rate() == 0) {
        multiply(1, Operand.of(u), u.columns(), a(), beta, dx);
        return;
      }
      Tensor path = scratch.tensor(dx.rows(), dx.columns());
      multiply(1, Operand.of(u), u.columns(), a(), 0, path);
      Launch launch =
          new Launch(device, "drop_gradient", DeviceStorage.type(dx)).matrix(path).typed(dx);
      dropout(launch, dx).value(beta == 0 ? 0 : 1).run(Grid.of(dx.rows(), dx.columns()));
    }

    void multiply(float alpha, Operand left, int inner, Operand right, float beta, Tensor c) {
      Product.of(alpha, left, inner, right, beta, c).run(device);
    }

    private Launch dropout(Launch launch, Tensor x) {
      Dropout dropout = adapter.dropout();
      return launch
          .value(x.columns())
          .value(dropout.seed())
          .value(dropout.threshold())
          .value(dropout.kept());
    }
  }
}
