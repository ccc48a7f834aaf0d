package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutCopyTest {
  private static final int ROWS = 5;

  /** Bfloat16 lies in pairs where all numbers are even, and else not. */
  @ParameterizedTest
  @CsvSource({
    "64, 0, 64, 64",
    "64, 0, 192, 64",
    "64, 64, 192, 128",
    "64, 1, 192, 64", // from the middle of a pair
    "63, 0, 63, 63",
    "63, 0, 64, 64",
    "64, 0, 65, 64",
    "2, 2, 6, 2",
    "1, 3, 5, 4"
  })
  void everyNumberArrivesAndNoOtherIsTouched(int columns, int first, int from, int to) {
    OneDnnLibrary library = OneDnnLibrary.get();
    MemoryAccount account = new MemoryAccount("test", Long.MAX_VALUE);
    try (NativePool pool = new NativePool(account, true);
        Slot slot = new Slot(library.engine());
        MemoryScope scope = new MemoryScope(pool, "test")) {
      Tensor source = scope.rounded(ROWS, from);
      Tensor target = scope.rounded(ROWS, to);
      float[] expected = new float[ROWS * to];
      for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < from; column++) {
          source.set(row, column, number(row, column));
        }
        for (int column = 0; column < to; column++) {
          target.set(row, column, -1);
          expected[row * to + column] = column < columns ? number(row, first + column) : -1;
        }
      }
      Tensor x = source.columns(first, first + columns);
      Tensor y = target.columns(0, columns);
      LayoutCopy.run(
          slot, Layout.of(x), NativeStorage.address(x), Layout.of(y), NativeStorage.address(y));
      assertArrayEquals(expected, target.toArray());
    }
  }

  /** What bfloat16 holds, of either sign, large and small. */
  private static float number(int row, int column) {
    float sign = column % 2 == 0 ? 1 : -1;
    return sign * (column % 3 == 0 ? 0x1p-100f : 1 + row + column % 8 / 8f);
  }
}
