package io.github.lorascope.gguf;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the numbers of a tensor are stored: one by one, or in blocks that share scales. Numbers,
 * sizes and formulas are those of ggml ({@code ggml.h}, {@code ggml-common.h} and the functions
 * {@code dequantize_row_*} of {@code ggml-quants.c}, https://github.com/ggml-org/ggml).
 */
public enum GgufType {
  /** 32-bit floating point. */
  F32(0, 1, 4, 0, 0),
  /** 16-bit floating point with 5 bits of exponent. */
  F16(1, 1, 2, 0, 0),
  /** 4 bits, a scale for 32. */
  Q4_0(2, 32, 18, 0, 0),
  /** 4 bits, a scale and an offset for 32. */
  Q4_1(3, 32, 20, 0, 2),
  /** 5 bits, a scale for 32. */
  Q5_0(6, 32, 22, 0, 0),
  /** 5 bits, a scale and an offset for 32. */
  Q5_1(7, 32, 24, 0, 2),
  /** 8 bits, a scale for 32. */
  Q8_0(8, 32, 34, 0, 0),
  /** 2 bits, 4-bit scales and offsets for 16, which share two numbers for 256. */
  Q2_K(10, 256, 84, 80, 82),
  /** 3 bits, 6-bit scales for 16, which share a number for 256. */
  Q3_K(11, 256, 110, 108, 108),
  /** 4 bits, 6-bit scales and offsets for 32, which share two numbers for 256. */
  Q4_K(12, 256, 144, 0, 2),
  /** 5 bits, 6-bit scales and offsets for 32, which share two numbers for 256. */
  Q5_K(13, 256, 176, 0, 2),
  /** 6 bits, 8-bit scales for 16, which share a number for 256. */
  Q6_K(14, 256, 210, 208, 208),
  /** 16-bit floating point with 8 bits of exponent. */
  BF16(30, 1, 2, 0, 0);

  private final int id;
  private final int blockElements;
  private final int blockBytes;
  private final int scaleAt;
  private final int offsetAt;

  GgufType(int id, int blockElements, int blockBytes, int scaleAt, int offsetAt) {
    this.id = id;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.scaleAt = scaleAt;
    this.offsetAt = offsetAt;
  }

  /**
   * Returns how many numbers a block has.
   *
   * @return the numbers; 1 where each stands alone
   */
  public int blockElements() {
    return blockElements;
  }

  /**
   * Returns how many bytes a block takes.
   *
   * @return the bytes
   */
  public int blockBytes() {
    return blockBytes;
  }

  /** Where in a block the 16-bit float lies that its scales are multiplied with. */
  int scaleAt() {
    return scaleAt;
  }

  /** Where in a block the 16-bit float of its offsets lies; the scale's where it has none. */
  int offsetAt() {
    return offsetAt;
  }

  static GgufType of(int id, String where) {
    for (GgufType type : values()) {
      if (type.id == id) {
        return type;
      }
    }
    throw new GgufException(
        where
            + " is of type "
            + Integer.toUnsignedString(id)
            + " of ggml, which is not supported; supported are "
            + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "))
            + ": use a file that is quantized to one of them");
  }
}
