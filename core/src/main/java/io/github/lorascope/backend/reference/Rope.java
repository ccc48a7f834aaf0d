package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Tensor;

/** (a, b) becomes (a cos - b sin, b cos + a sin), for the numbers i and i + half of each head. */
final class Rope {
  private Rope() {}

  static void rotate(
      Tensor x, int headDim, Tensor cos, Tensor sin, int[] positions, boolean inverse) {
    int half = cos.columns();
    for (int t = 0; t < x.rows(); t++) {
      double[] row = Rows.read(x, t);
      for (int head = 0; head < row.length; head += headDim) {
        for (int i = 0; i < half; i++) {
          double c = cos.get(positions[t], i);
          double s = inverse ? -sin.get(positions[t], i) : sin.get(positions[t], i);
          double a = row[head + i];
          double b = row[head + half + i];
          row[head + i] = a * c - b * s;
          row[head + half + i] = b * c + a * s;
        }
      }
      Rows.write(row, x, t);
    }
  }
}
