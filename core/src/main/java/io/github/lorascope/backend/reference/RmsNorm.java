package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Tensor;

/** y = x r g, with r = 1 / sqrt(mean(x^2) + epsilon). */
final class RmsNorm {
  private RmsNorm() {}

  static void forward(Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    double[] g = Rows.read(gain, 0);
    for (int t = 0; t < x.rows(); t++) {
      double[] row = Rows.read(x, t);
      double r = 1 / Math.sqrt(Rows.dot(row, row) / row.length + epsilon);
      for (int i = 0; i < row.length; i++) {
        row[i] *= r * g[i];
      }
      Rows.write(row, y, t);
      inverse.set(t, 0, r);
    }
  }

  /** With n = x r and d = dy g: dx += r (d - n mean(d n)). */
  static void backward(Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    double[] g = Rows.read(gain, 0);
    for (int t = 0; t < x.rows(); t++) {
      double r = inverse.get(t, 0);
      double[] n = Rows.read(x, t);
      double[] d = Rows.read(dy, t);
      for (int i = 0; i < d.length; i++) {
        n[i] *= r;
        d[i] *= g[i];
      }
      double mean = Rows.dot(d, n) / d.length;
      double[] sum = Rows.read(dx, t);
      Rows.axpy(r, d, sum);
      Rows.axpy(-r * mean, n, sum);
      Rows.write(sum, dx, t);
    }
  }
}
