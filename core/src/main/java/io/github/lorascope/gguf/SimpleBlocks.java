package io.github.lorascope.gguf;

import io.github.lorascope.weights.HalfFloats;

/**
 * Blocks of 32 numbers with a scale d, and in some kinds an offset m, as 16-bit floats in front. Of
 * a byte of codes, the lower half belongs to the first 16 numbers and the upper to the others; a
 * fifth bit lies apart, in 32 bits before the codes.
 */
final class SimpleBlocks {
  private static final int HALF = 16;

  private SimpleBlocks() {}

  /** A 16-bit float of a block. */
  static float half(byte[] bytes, int at) {
    return HalfFloats.fromF16((short) ((bytes[at] & 0xFF) | bytes[at + 1] << 8));
  }

  /** x = d (q - 8). */
  static void q40(byte[] bytes, int at, float[] target, int offset) {
    float d = half(bytes, at);
    for (int i = 0; i < HALF; i++) {
      int both = bytes[at + 2 + i];
      target[offset + i] = d * ((both & 15) - 8);
      target[offset + HALF + i] = d * ((both >> 4 & 15) - 8);
    }
  }

  /** x = d q + m. */
  static void q41(byte[] bytes, int at, float[] target, int offset) {
    float d = half(bytes, at);
    float m = half(bytes, at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = bytes[at + 4 + i];
      target[offset + i] = d * (both & 15) + m;
      target[offset + HALF + i] = d * (both >> 4 & 15) + m;
    }
  }

  /** x = d (q - 16). */
  static void q50(byte[] bytes, int at, float[] target, int offset) {
    float d = half(bytes, at);
    int fifth = bits(bytes, at + 2);
    for (int i = 0; i < HALF; i++) {
      int both = bytes[at + 6 + i];
      target[offset + i] = d * (five(both & 15, fifth >> i) - 16);
      target[offset + HALF + i] = d * (five(both >> 4 & 15, fifth >> (HALF + i)) - 16);
    }
  }

  /** x = d q + m. */
  static void q51(byte[] bytes, int at, float[] target, int offset) {
    float d = half(bytes, at);
    float m = half(bytes, at + 2);
    int fifth = bits(bytes, at + 4);
    for (int i = 0; i < HALF; i++) {
      int both = bytes[at + 8 + i];
      target[offset + i] = d * five(both & 15, fifth >> i) + m;
      target[offset + HALF + i] = d * five(both >> 4 & 15, fifth >> (HALF + i)) + m;
    }
  }

  /** x = d q, with signed bytes. */
  static void q80(byte[] bytes, int at, float[] target, int offset) {
    float d = half(bytes, at);
    for (int i = 0; i < 2 * HALF; i++) {
      target[offset + i] = d * bytes[at + 2 + i];
    }
  }

  private static int five(int four, int bits) {
    return four | (bits & 1) << 4;
  }

  private static int bits(byte[] bytes, int at) {
    return (bytes[at] & 0xFF)
        | (bytes[at + 1] & 0xFF) << 8
        | (bytes[at + 2] & 0xFF) << 16
        | bytes[at + 3] << 24;
  }
}
