package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Tensor;

/** y = g s(g) u, with s the logistic function. */
final class SwiGlu {
  private SwiGlu() {}

  static void forward(Tensor gate, Tensor up, Tensor y) {
    for (int t = 0; t < y.rows(); t++) {
      double[] g = Rows.read(gate, t);
      double[] u = Rows.read(up, t);
      for (int i = 0; i < g.length; i++) {
        g[i] *= logistic(g[i]) * u[i];
      }
      Rows.write(g, y, t);
    }
  }

  /** dg = dy u s(g) (1 + g (1 - s(g))) and du = dy g s(g). */
  static void backward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    for (int t = 0; t < dy.rows(); t++) {
      double[] d = Rows.read(dy, t);
      double[] g = Rows.read(gate, t);
      double[] u = Rows.read(up, t);
      for (int i = 0; i < d.length; i++) {
        double s = logistic(g[i]);
        double dUnit = d[i] * g[i] * s;
        g[i] = d[i] * u[i] * s * (1 + g[i] * (1 - s));
        u[i] = dUnit;
      }
      Rows.write(g, dGate, t);
      Rows.write(u, dUp, t);
    }
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
