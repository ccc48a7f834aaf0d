package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** y = g s(g) u, with s the logistic function, which oneDNN computes. */
final class SwiGlu {
  private SwiGlu() {}

  static void forward(Workers workers, Tensor gate, Tensor up, Tensor y) {
    int columns = y.columns();
    workers.rows(
        y.rows(),
        columns,
        (slot, from, to) -> {
          Tensor run = slot.run(columns);
          float[] g = slot.line(0, columns);
          float[] u = slot.line(1, columns);
          float[] s = slot.line(2, columns);
          for (int row = from; row < to; row++) {
            gate.storage().read(gate.offset(row), g, 0, columns);
            up.storage().read(up.offset(row), u, 0, columns);
            logistic(slot, run, g, s, columns);
            for (int i = 0; i < columns; i++) {
              g[i] *= s[i] * u[i];
            }
            y.storage().write(y.offset(row), g, 0, columns);
          }
        });
  }

  /** dg = dy u s(g) (1 + g (1 - s(g))) and du = dy g s(g). */
  static void backward(
      Workers workers, Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    int columns = dy.columns();
    workers.rows(
        dy.rows(),
        columns,
        (slot, from, to) -> {
          Tensor run = slot.run(columns);
          float[] g = slot.line(0, columns);
          float[] u = slot.line(1, columns);
          float[] s = slot.line(2, columns);
          float[] d = slot.line(3, columns);
          for (int row = from; row < to; row++) {
            gate.storage().read(gate.offset(row), g, 0, columns);
            up.storage().read(up.offset(row), u, 0, columns);
            dy.storage().read(dy.offset(row), d, 0, columns);
            logistic(slot, run, g, s, columns);
            for (int i = 0; i < columns; i++) {
              float unit = g[i] * s[i];
              float slope = s[i] * (1 + g[i] * (1 - s[i]));
              g[i] = d[i] * u[i] * slope;
              u[i] = d[i] * unit;
            }
            dGate.storage().write(dGate.offset(row), g, 0, columns);
            dUp.storage().write(dUp.offset(row), u, 0, columns);
          }
        });
  }

  private static void logistic(Slot slot, Tensor run, float[] x, float[] y, int count) {
    run.storage().write(0, x, 0, count);
    slot.logistic(run, count);
    run.storage().read(0, y, 0, count);
  }
}
