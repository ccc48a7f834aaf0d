package io.github.lorascope.onnx;

/** The kinds of numbers that are written, with their codes in onnx.proto. */
enum ElementType {
  FLOAT(1, 4),
  UINT8(2, 1),
  INT64(7, 8),
  FLOAT16(10, 2),
  BFLOAT16(16, 2);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** TensorProto.DataType. */
  int code() {
    return code;
  }

  /** Bytes of one number. */
  int bytes() {
    return bytes;
  }
}
