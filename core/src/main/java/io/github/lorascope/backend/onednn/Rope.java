package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** (a, b) becomes (a cos - b sin, b cos + a sin), for the numbers i and i + half of each head. */
final class Rope {
  private Rope() {}

  static void rotate(
      Workers workers,
      Tensor x,
      int headDim,
      Tensor cos,
      Tensor sin,
      int[] positions,
      boolean inverse) {
    int columns = x.columns();
    int half = cos.columns();
    float sign = inverse ? -1 : 1;
    workers.rows(
        x.rows(),
        columns,
        (slot, from, to) -> {
          float[] line = slot.line(0, columns);
          float[] c = slot.line(1, half);
          float[] s = slot.line(2, half);
          for (int row = from; row < to; row++) {
            Tensor cosines = cos.rows(positions[row], positions[row] + 1);
            Tensor sines = sin.rows(positions[row], positions[row] + 1);
            cosines.storage().read(cosines.offset(), c, 0, half);
            sines.storage().read(sines.offset(), s, 0, half);
            x.storage().read(x.offset(row), line, 0, columns);
            for (int head = 0; head < columns; head += headDim) {
              for (int i = 0; i < half; i++) {
                float a = line[head + i];
                float b = line[head + half + i];
                line[head + i] = a * c[i] - b * (sign * s[i]);
                line[head + half + i] = b * c[i] + a * (sign * s[i]);
              }
            }
            x.storage().write(x.offset(row), line, 0, columns);
          }
        });
  }
}
