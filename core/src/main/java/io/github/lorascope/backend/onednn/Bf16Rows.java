package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** Rows of bfloat16, in 16 bits or kept in float32. */
final class Bf16Rows {
  /** Bytes of rounded rows that are multiplied at once: small enough to stay in a cache. */
  private static final int AT_ONCE = 8 << 20;

  /** Numbers of bfloat16 in a row of an AMX tile, and in a cache line. */
  static final int AMX_ROW = 32;

  private Bf16Rows() {}

  /** Returns how many rows to round at once. */
  static int step(int columns) {
    return Math.max(16, AT_ONCE / Float.BYTES / Math.max(1, columns));
  }

  /**
   * Returns to how many numbers a row is filled up with zeros. Where that is more than it has,
   * oneDNN's products with AMX read what lies behind it, times zero; that may be NaN.
   */
  static int filled(int columns) {
    return columns <= AMX_ROW ? Split.up(columns, 2) : Split.up(columns, AMX_ROW);
  }

  /** Copies x, rounded to nearest, ties to even, to y in float32. */
  static void round(Slot slot, Tensor x, Tensor y) {
    if (NativeStorage.narrow(x)) {
      DenseRows.copy(slot, x, y);
      return;
    }
    NativeStorage from = NativeStorage.of(x);
    NativeStorage to = NativeStorage.of(y);
    int columns = x.columns();
    int[] line = slot.bits(columns);
    for (int row = 0; row < x.rows(); row++) {
      from.readBits(x.offset(row), line, columns);
      round(line, columns);
      to.writeBits(y.offset(row), line, columns);
    }
  }

  /**
   * Rounds float32 given as bits. It has no case for NaN, so that it compiles to vector
   * instructions: those that arithmetic makes have an empty lower half and stay NaN.
   */
  private static void round(int[] bits, int count) {
    for (int i = 0; i < count; i++) {
      int x = bits[i];
      bits[i] = (x + 0x7fff + ((x >>> 16) & 1)) & 0xffff0000;
    }
  }
}
