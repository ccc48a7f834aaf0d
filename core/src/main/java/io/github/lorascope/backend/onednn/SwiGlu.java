package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** y = g s(g) u, with s the logistic function, which oneDNN computes. */
final class SwiGlu {
  /** Numbers that are worth a call of oneDNN. */
  private static final int BLOCK = 8192;

  private SwiGlu() {}

  static void forward(Workers workers, Tensor gate, Tensor up, Tensor y) {
    blocks(
        workers,
        y,
        (slot, from, to, count) -> {
          float[] g = read(slot, 0, gate, from, to);
          float[] u = read(slot, 1, up, from, to);
          float[] s = logistic(slot, 2, g, count);
          for (int i = 0; i < count; i++) {
            g[i] *= s[i] * u[i];
          }
          write(g, y, from, to);
        });
  }

  /** dg = dy u s(g) (1 + g (1 - s(g))) and du = dy g s(g). */
  static void backward(
      Workers workers, Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    blocks(
        workers,
        dy,
        (slot, from, to, count) -> {
          float[] g = read(slot, 0, gate, from, to);
          float[] u = read(slot, 1, up, from, to);
          float[] s = logistic(slot, 2, g, count);
          float[] d = read(slot, 3, dy, from, to);
          for (int i = 0; i < count; i++) {
            float unit = g[i] * s[i];
            float slope = s[i] * (1 + g[i] * (1 - s[i]));
            g[i] = d[i] * u[i] * slope;
            u[i] = d[i] * unit;
          }
          write(g, dGate, from, to);
          write(u, dUp, from, to);
        });
  }

  /** Computes on some rows, of so many numbers in all. */
  @FunctionalInterface
  private interface Block {
    void run(Slot slot, int from, int to, int count);
  }

  private static void blocks(Workers workers, Tensor shape, Block block) {
    int step = Math.max(1, BLOCK / Math.max(1, shape.columns()));
    workers.run(
        Split.parts(shape.rows(), step),
        Slot.runSize(Math.min(step, shape.rows()) * shape.columns()),
        (slot, i) -> {
          int from = i * step;
          int to = Math.min(shape.rows(), from + step);
          block.run(slot, from, to, (to - from) * shape.columns());
        });
  }

  private static float[] logistic(Slot slot, int line, float[] x, int count) {
    Tensor run = slot.run(count);
    run.storage().write(0, x, 0, count);
    slot.logistic(run, count);
    float[] y = slot.line(line, count);
    run.storage().read(0, y, 0, count);
    return y;
  }

  private static float[] read(Slot slot, int line, Tensor x, int from, int to) {
    int columns = x.columns();
    float[] values = slot.line(line, (to - from) * columns);
    for (int row = from; row < to; row++) {
      x.storage().read(x.offset(row), values, (row - from) * columns, columns);
    }
    return values;
  }

  private static void write(float[] values, Tensor x, int from, int to) {
    int columns = x.columns();
    for (int row = from; row < to; row++) {
      x.storage().write(x.offset(row), values, (row - from) * columns, columns);
    }
  }
}
