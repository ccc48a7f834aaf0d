package io.github.lorascope.checkpoint;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The kinds of number that a safetensors file may hold and this library reads. */
public enum DataType {
  /** Truth values of one byte. */
  BOOL(1),
  /** Unsigned integers of 8 bits. */
  U8(1),
  /** Signed integers of 8 bits. */
  I8(1),
  /** Signed integers of 16 bits. */
  I16(2),
  /** Unsigned integers of 16 bits. */
  U16(2),
  /** Floating point of 16 bits, 5 of them exponent. */
  F16(2),
  /** Floating point of 16 bits, 8 of them exponent. */
  BF16(2),
  /** Signed integers of 32 bits. */
  I32(4),
  /** Unsigned integers of 32 bits. */
  U32(4),
  /** Floating point of 32 bits. */
  F32(4),
  /** Signed integers of 64 bits. */
  I64(8),
  /** Unsigned integers of 64 bits. */
  U64(8),
  /** Floating point of 64 bits. */
  F64(8),
  /** Floating point of 8 bits, 5 of them exponent; never read as numbers. */
  F8_E5M2(1),
  /** Floating point of 8 bits, 4 of them exponent; never read as numbers. */
  F8_E4M3(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the size of one element.
   *
   * @return the size in bytes
   */
  public int bytes() {
    return bytes;
  }

  static DataType named(String name, String where) {
    for (DataType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    String known = Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    throw new CheckpointException(
        where + " has the unknown dtype " + name + "; known are " + known);
  }
}
