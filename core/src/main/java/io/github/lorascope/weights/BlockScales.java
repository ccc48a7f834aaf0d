package io.github.lorascope.weights;

import java.util.Objects;

/**
 * The largest magnitude (absmax) of each block of an NF4 weight: as float32, or double-quantized to
 * one byte a block. Immutable.
 */
public final class BlockScales {
  /** Blocks that share one scale in double quantization. */
  public static final int NESTED_BLOCK = 256;

  private static final int NESTED_CODES = 256;

  private final float[] plain;
  private final byte[] codes;
  private final float[] map;
  private final float[] nested;
  private final float offset;

  private BlockScales(float[] plain, byte[] codes, float[] map, float[] nested, float offset) {
    this.plain = plain;
    this.codes = codes;
    this.map = map;
    this.nested = nested;
    this.offset = offset;
  }

  /**
   * Keeps the scales as they are.
   *
   * @param absmax one for each block; copied
   * @return the scales
   */
  public static BlockScales plain(float[] absmax) {
    return new BlockScales(absmax.clone(), null, null, null, 0);
  }

  /**
   * Keeps double-quantized scales: block b has {@code map[codes[b]] * nested[b / 256] + offset}.
   *
   * @param codes one unsigned byte for each block; copied
   * @param map what the 256 codes mean; copied
   * @param nested one scale for each 256 blocks; copied
   * @param offset what is added to all
   * @return the scales
   */
  public static BlockScales nested(byte[] codes, float[] map, float[] nested, float offset) {
    if (map.length != NESTED_CODES
        || nested.length != (codes.length + NESTED_BLOCK - 1) / NESTED_BLOCK) {
      throw new IllegalArgumentException(
          codes.length + " codes, " + map.length + " meanings, " + nested.length + " scales");
    }
    return new BlockScales(null, codes.clone(), map.clone(), nested.clone(), offset);
  }

  /**
   * Double-quantizes scales as bitsandbytes does: what is left after subtracting the mean goes to
   * the nearest of 256 values, relative to the largest of 256 neighbours.
   *
   * @param absmax one for each block
   * @return the scales, one byte a block
   */
  public static BlockScales quantized(float[] absmax) {
    float mean = mean(absmax);
    float[] map = DynamicMap.signed();
    byte[] codes = new byte[absmax.length];
    float[] nested = new float[(absmax.length + NESTED_BLOCK - 1) / NESTED_BLOCK];
    for (int block = 0; block < nested.length; block++) {
      int begin = block * NESTED_BLOCK;
      int end = Math.min(begin + NESTED_BLOCK, absmax.length);
      float largest = 0;
      for (int i = begin; i < end; i++) {
        largest = Math.max(largest, Math.abs(absmax[i] - mean));
      }
      nested[block] = largest;
      for (int i = begin; i < end; i++) {
        float scaled = largest == 0 ? 0 : (absmax[i] - mean) / largest;
        codes[i] = (byte) DynamicMap.nearest(map, scaled);
      }
    }
    return new BlockScales(null, codes, map, nested, mean);
  }

  /**
   * Returns what double quantization subtracts from scales.
   *
   * @param absmax one for each block
   * @return their mean
   */
  public static float mean(float[] absmax) {
    double sum = 0;
    for (float scale : absmax) {
      sum += scale;
    }
    return (float) (sum / absmax.length);
  }

  /**
   * Returns what the codes of double quantization mean.
   *
   * @return 256 ascending values; a copy
   */
  public static float[] nestedMap() {
    return DynamicMap.signed();
  }

  /**
   * Returns the number of blocks.
   *
   * @return how many scales there are
   */
  public int blocks() {
    return plain != null ? plain.length : codes.length;
  }

  /**
   * Tells whether they are double-quantized.
   *
   * @return whether each takes one byte
   */
  public boolean isNested() {
    return plain == null;
  }

  /**
   * Returns the scale of a block.
   *
   * @param block the block
   * @return its absmax
   */
  public float at(int block) {
    return plain != null
        ? plain[block]
        : map[codes[block] & 0xFF] * nested[block / NESTED_BLOCK] + offset;
  }

  /**
   * Gives some scales.
   *
   * @param from first block
   * @param to one past the last block
   * @param target receives the scales
   * @param at where in the target
   */
  public void read(int from, int to, float[] target, int at) {
    Objects.checkFromToIndex(from, to, blocks());
    for (int block = from; block < to; block++) {
      target[at + block - from] = at(block);
    }
  }

  /**
   * Returns the memory they take.
   *
   * @return the size in bytes
   */
  public long bytes() {
    return plain != null
        ? (long) Float.BYTES * plain.length
        : codes.length + (long) Float.BYTES * (map.length + nested.length + 1);
  }

  /**
   * The parts of double-quantized scales, for a backend that computes with them: block b has {@code
   * map[codes[b]] * scales[b / 256] + offset}, rounded to float32 after each operation.
   *
   * @param codes one unsigned byte for each block
   * @param map what the 256 codes mean
   * @param scales one for each 256 blocks
   * @param offset what is added to all
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
  public record Nested(byte[] codes, float[] map, float[] scales, float offset) {}

  /**
   * Returns the parts of double-quantized scales.
   *
   * @return copies
   * @throws IllegalStateException if they are not double-quantized
   */
  public Nested nested() {
    if (!isNested()) {
      throw new IllegalStateException("these scales are float32 numbers");
    }
    return new Nested(codes.clone(), map.clone(), nested.clone(), offset);
  }
}
