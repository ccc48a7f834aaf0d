package io.github.lorascope.gguf;

/** The kinds of metadata values; a kind's number in the file is its place here. */
enum ValueType {
  UINT8(1),
  INT8(1),
  UINT16(2),
  INT16(2),
  UINT32(4),
  INT32(4),
  FLOAT32(4),
  BOOL(1),
  STRING(0),
  ARRAY(0),
  UINT64(8),
  INT64(8),
  FLOAT64(8);

  private final int bytes;

  ValueType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one value; 0 where that differs from value to value. */
  int bytes() {
    return bytes;
  }

  static ValueType of(int number, String where) {
    if (number < 0 || number >= values().length) {
      throw new GgufException(
          where
              + " is of the unknown kind "
              + Integer.toUnsignedString(number)
              + "; the file is damaged or newer than what is read here");
    }
    return values()[number];
  }
}
