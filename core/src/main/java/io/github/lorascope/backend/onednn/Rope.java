package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/**
 * (a, b) becomes (a cos - b sin, b cos + a sin), for the numbers i and i + half of each head. That
 * is x times cosines, plus x with the halves of its heads exchanged times sines: loops over whole
 * rows, as those over a half of a head are too short for wide registers.
 */
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
    boolean narrow = NativeStorage.narrow(x);
    DenseRows.each(
        workers,
        x.rows(),
        columns,
        narrow ? 1 : 0,
        (slot, from, to) -> {
          Tensor rows = x.rows(from, to);
          Tensor wide = narrow ? DenseRows.of(slot, rows, false) : rows;
          float[] line = slot.line(0, columns);
          float[] exchanged = slot.line(1, columns);
          float[] c = slot.line(2, columns);
          float[] s = slot.line(3, columns);
          Arrays.fill(exchanged, 0, columns, 0); // what is behind the part of a head that turns
          Arrays.fill(c, 0, columns, 1);
          Arrays.fill(s, 0, columns, 0);
          for (int row = 0; row < to - from; row++) {
            int position = positions[from + row];
            angles(cos, position, half, 1, 1, headDim, columns, c);
            angles(sin, position, half, inverse ? 1 : -1, inverse ? -1 : 1, headDim, columns, s);
            wide.storage().read(wide.offset(row), line, 0, columns);
            for (int head = 0; head < columns; head += headDim) {
              System.arraycopy(line, head + half, exchanged, head, half);
              System.arraycopy(line, head, exchanged, head + half, half);
            }
            for (int i = 0; i < columns; i++) {
              line[i] = line[i] * c[i] + exchanged[i] * s[i];
            }
            wide.storage().write(wide.offset(row), line, 0, columns);
          }
          DenseRows.end(slot, wide, rows);
        });
  }

  /** Lays out a row of a table for both halves of every head, each with its sign. */
  private static void angles(
      Tensor table,
      int position,
      int half,
      int first,
      int second,
      int headDim,
      int columns,
      float[] line) {
    table.storage().read(table.offset(position), line, 0, half);
    for (int i = 0; i < half; i++) {
      line[half + i] = second * line[i];
      line[i] *= first;
    }
    for (int done = headDim; done < columns; done *= 2) {
      System.arraycopy(line, 0, line, done, Math.min(done, columns - done));
    }
  }
}
