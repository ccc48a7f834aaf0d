package io.github.lorascope.gguf;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A matrix in blocks, dequantized when it is read; each row begins with a block of its own. */
final class GgufWeight implements Weight {
  private final String name;
  private final int rows;
  private final int columns;
  private final GgufType type;
  private final ByteBuffer data;

  /** Views bytes from position to limit. */
  GgufWeight(String name, int rows, int columns, GgufType type, ByteBuffer data) {
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.type = type;
    this.data = data.slice();
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public WeightForm form() {
    return WeightForm.GGUF;
  }

  @Override
  public long bytes() {
    return data.remaining();
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    Objects.checkFromToIndex(from, to, rows);
    Objects.checkFromIndexSize(offset, Math.multiplyExact(to - from, columns), target.length);
    byte[] row = new byte[rowBytes()];
    for (int r = from; r < to; r++) {
      data.get(r * row.length, row);
      int at = offset + (r - from) * columns;
      for (int block = 0; block < columns / type.blockElements(); block++) {
        decode(row, block * type.blockBytes(), target, at + block * type.blockElements());
      }
    }
  }

  /**
   * Returns the first row with a number that is not finite, or -1. Codes and inner scales are
   * integers that cannot overflow, so that the 16-bit floats decide.
   */
  int firstBadRow() {
    byte[] row = new byte[rowBytes()];
    for (int r = 0; r < rows; r++) {
      data.get(r * row.length, row);
      for (int block = 0; block < row.length; block += type.blockBytes()) {
        if (notFinite(row, block + type.scaleAt()) || notFinite(row, block + type.offsetAt())) {
          return r;
        }
      }
    }
    return -1;
  }

  private static boolean notFinite(byte[] bytes, int half) {
    return (bytes[half + 1] & 0x7C) == 0x7C; // every bit of the exponent
  }

  private void decode(byte[] bytes, int at, float[] target, int offset) {
    switch (type) {
      case Q4_0 -> SimpleBlocks.q40(bytes, at, target, offset);
      case Q4_1 -> SimpleBlocks.q41(bytes, at, target, offset);
      case Q5_0 -> SimpleBlocks.q50(bytes, at, target, offset);
      case Q5_1 -> SimpleBlocks.q51(bytes, at, target, offset);
      case Q8_0 -> SimpleBlocks.q80(bytes, at, target, offset);
      case Q2_K -> SuperBlocks.q2k(bytes, at, target, offset);
      case Q3_K -> SuperBlocks.q3k(bytes, at, target, offset);
      case Q4_K -> SuperBlocks.q4k(bytes, at, target, offset);
      case Q5_K -> SuperBlocks.q5k(bytes, at, target, offset);
      case Q6_K -> SuperBlocks.q6k(bytes, at, target, offset);
      case F32, F16, BF16 -> throw new AssertionError(type);
    }
  }

  private int rowBytes() {
    return columns / type.blockElements() * type.blockBytes();
  }
}
