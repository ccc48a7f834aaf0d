package io.github.lorascope.weights;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A weight in 4-bit NormalFloat as bitsandbytes lays it out: two codes a byte, the first of the two
 * in the high nibble, and a scale for every 64 elements counted over all rows. An element is its
 * code's value x the scale of its block, in float32.
 */
public final class Nf4Weight implements Weight {
  private static final int CODES = 16;
  private static final int CHUNK_BYTES = 4096;

  private final String name;
  private final int rows;
  private final int columns;
  private final ByteBuffer packed;
  private final float[] codebook;
  private final BlockScales scales;

  /**
   * Views packed codes as a weight.
   *
   * @param name what it is called in the checkpoint
   * @param rows its rows
   * @param columns its columns
   * @param packed the codes from position to limit, half a byte each; not copied, so must not
   *     change
   * @param codebook values of the 16 codes; copied
   * @param scales one for each block of 64
   */
  public Nf4Weight(
      String name, int rows, int columns, ByteBuffer packed, float[] codebook, BlockScales scales) {
    long elements = (long) rows * columns;
    if (rows < 1
        || columns < 1
        || packed.remaining() != (elements + 1) / 2
        || codebook.length != CODES
        || scales.blocks() != (elements + Nf4.BLOCK - 1) / Nf4.BLOCK) {
      throw new IllegalArgumentException(
          name
              + " ["
              + rows
              + ", "
              + columns
              + "] cannot have "
              + packed.remaining()
              + " bytes, "
              + codebook.length
              + " codes and "
              + scales.blocks()
              + " blocks");
    }
    this.name = name;
    this.rows = rows;
    this.columns = columns;
    this.packed = packed.slice().asReadOnlyBuffer();
    this.codebook = codebook.clone();
    this.scales = scales;
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
    return WeightForm.NF4;
  }

  @Override
  public long bytes() {
    return packed.remaining() + (long) Float.BYTES * CODES + scales.bytes();
  }

  /**
   * Returns the codes, for a backend that computes with them.
   *
   * @return (elements + 1) / 2 bytes, read-only
   */
  public ByteBuffer packed() {
    return packed.duplicate();
  }

  /**
   * Returns what the codes mean.
   *
   * @return the 16 values; a copy
   */
  public float[] codebook() {
    return codebook.clone();
  }

  /**
   * Returns the scales of the blocks.
   *
   * @return one for each 64 elements
   */
  public BlockScales scales() {
    return scales;
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    read(from, to, target, offset, false);
  }

  @Override
  public void readRounded(int from, int to, float[] target, int offset) {
    read(from, to, target, offset, true);
  }

  private void read(int from, int to, float[] target, int offset, boolean rounding) {
    Objects.checkFromToIndex(from, to, rows);
    long begin = (long) from * columns;
    int count = Math.multiplyExact(to - from, columns);
    Objects.checkFromIndexSize(offset, count, target.length);
    byte[] bytes = new byte[Math.min(CHUNK_BYTES, count / 2 + 1)];
    int done = 0;
    while (done < count) {
      long first = begin + done;
      int firstByte = (int) (first / 2);
      int skipped = (int) (first & 1);
      int available = Math.min(bytes.length, packed.limit() - firstByte);
      packed.get(firstByte, bytes, 0, available);
      int n = Math.min(2 * available - skipped, count - done);
      decode(bytes, first, n, target, offset + done, rounding);
      done += n;
    }
  }

  /** Decodes elements whose codes begin in the first of the bytes. */
  private void decode(
      byte[] bytes, long first, int count, float[] target, int offset, boolean rounding) {
    float[] values = new float[CODES]; // of one block; 16 products serve its 64 elements
    int base = (int) (first & 1);
    int done = 0;
    while (done < count) {
      long element = first + done;
      float scale = scales.at((int) (element / Nf4.BLOCK));
      for (int code = 0; code < CODES; code++) {
        float value = codebook[code] * scale;
        values[code] = rounding ? Bfloat16.round(value) : value;
      }
      int n = Math.min(Nf4.BLOCK - (int) (element % Nf4.BLOCK), count - done);
      int source = base + done;
      int at = offset + done;
      int i = 0;
      if ((source & 1) != 0) {
        target[at] = values[bytes[source >> 1] & 15];
        i = 1;
      }
      for (; i + 1 < n; i += 2) {
        int both = bytes[(source + i) >> 1];
        target[at + i] = values[both >> 4 & 15];
        target[at + i + 1] = values[both & 15];
      }
      if (i < n) {
        target[at + i] = values[bytes[(source + i) >> 1] >> 4 & 15];
      }
      done += n;
    }
  }
}
