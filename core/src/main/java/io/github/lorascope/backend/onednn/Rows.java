package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Weight;

/** Reading, adding and scaling of rows. */
final class Rows {
  private Rows() {}

  static void gather(Workers workers, Weight table, int[] ids, Tensor y) {
    int columns = y.columns();
    workers.rows(
        ids.length,
        columns,
        (slot, from, to) -> {
          float[] line = slot.line(0, columns);
          for (int row = from; row < to; row++) {
            table.read(ids[row], ids[row] + 1, line, 0);
            y.storage().write(y.offset(row), line, 0, columns);
          }
        });
  }

  static void select(Workers workers, Tensor x, int[] rows, Tensor y) {
    boolean same = NativeStorage.type(x) == NativeStorage.type(y);
    int columns = y.columns();
    workers.rows(
        rows.length,
        columns,
        (slot, from, to) -> {
          float[] line = slot.line(0, columns);
          for (int row = from; row < to; row++) {
            if (same) {
              NativeStorage.copyRow(x, rows[row], y, row);
            } else {
              x.storage().read(x.offset(rows[row]), line, 0, columns);
              y.storage().write(y.offset(row), line, 0, columns);
            }
          }
        });
  }

  static void addTo(Workers workers, Tensor x, int[] rows, Tensor y) {
    workers.rows(
        rows.length,
        x.columns(),
        (slot, from, to) -> {
          int columns = x.columns();
          float[] line = slot.line(0, columns);
          float[] sum = slot.line(1, columns);
          for (int row = from; row < to; row++) {
            long at = y.offset(rows[row]);
            x.storage().read(x.offset(row), line, 0, columns);
            y.storage().read(at, sum, 0, columns);
            for (int i = 0; i < columns; i++) {
              sum[i] += line[i];
            }
            y.storage().write(at, sum, 0, columns);
          }
        });
  }

  static void add(Workers workers, Tensor x, Tensor residual, Tensor y) {
    DenseRows.each(
        workers,
        x.rows(),
        x.columns(),
        DenseRows.copies(x, residual, y),
        (slot, from, to) -> add(slot, x.rows(from, to), residual.rows(from, to), y.rows(from, to)));
  }

  /**
   * Adds a run of {@link DenseRows}.
   *
   * @return the sum without gaps
   */
  static Tensor add(Slot slot, Tensor x, Tensor residual, Tensor y) {
    Tensor sum = DenseRows.like(slot, y);
    Tensor a = DenseRows.of(slot, x);
    Tensor b = DenseRows.of(slot, residual);
    boolean exchanged = NativeStorage.type(a) != NativeStorage.type(sum);
    Elementwise.add(slot, exchanged ? b : a, exchanged ? a : b, sum);
    DenseRows.end(slot, sum, y);
    return sum;
  }

  static void copy(Workers workers, Tensor x, Tensor y) {
    DenseRows.each(
        workers,
        x.rows(),
        x.columns(),
        0,
        (slot, from, to) -> DenseRows.copy(slot, x.rows(from, to), y.rows(from, to)));
  }
}
