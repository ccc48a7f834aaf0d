package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** y = x r g, with r = 1 / sqrt(mean(x^2) + epsilon). */
final class RmsNorm {
  private RmsNorm() {}

  static void forward(
      Workers workers, Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    int columns = x.columns();
    float[] g = gain.toArray();
    workers.rows(
        x.rows(),
        columns,
        (slot, from, to) -> {
          float[] line = slot.line(0, columns);
          for (int row = from; row < to; row++) {
            x.storage().read(x.offset(row), line, 0, columns);
            double square = Lines.dot(line, line, columns) / columns;
            float r = (float) (1 / Math.sqrt(square + epsilon));
            for (int i = 0; i < columns; i++) {
              line[i] = line[i] * r * g[i];
            }
            y.storage().write(y.offset(row), line, 0, columns);
            inverse.set(row, 0, r);
          }
        });
  }

  /** With n = x r and d = dy g: dx += r (d - n mean(d n)). */
  static void backward(
      Workers workers, Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    int columns = x.columns();
    float[] g = gain.toArray();
    workers.rows(
        x.rows(),
        columns,
        (slot, from, to) -> {
          float[] n = slot.line(0, columns);
          float[] d = slot.line(1, columns);
          float[] sum = slot.line(2, columns);
          for (int row = from; row < to; row++) {
            float r = (float) inverse.get(row, 0);
            x.storage().read(x.offset(row), n, 0, columns);
            dy.storage().read(dy.offset(row), d, 0, columns);
            dx.storage().read(dx.offset(row), sum, 0, columns);
            for (int i = 0; i < columns; i++) {
              n[i] *= r;
              d[i] *= g[i];
            }
            float mean = (float) (Lines.dot(d, n, columns) / columns);
            for (int i = 0; i < columns; i++) {
              sum[i] += r * (d[i] - n[i] * mean);
            }
            dx.storage().write(dx.offset(row), sum, 0, columns);
          }
        });
  }
}
