package io.github.lorascope.backend.cuda;

/** What a tensor's numbers are kept as on a device, and kernels for it end their name with. */
enum NumberType {
  F32(Float.BYTES),
  BF16(Short.BYTES);

  private final int bytes;

  NumberType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }
}
