package io.github.lorascope.gguf;

/**
 * Blocks of 256 numbers (the k-quants of llama.cpp) in parts of 16 or 32 that have scales of few
 * bits, and in some kinds offsets; all of a block's scales are multiplied with d, its offsets with
 * dmin.
 */
final class SuperBlocks {
  private static final int SIZE = 256;
  private static final int PART = 16;
  private static final int WIDE_PART = 32;

  private SuperBlocks() {}

  /** 16 bytes of scale and offset, 64 of codes, d, dmin. */
  static void q2k(byte[] bytes, int at, float[] target, int offset) {
    float d = SimpleBlocks.half(bytes, at + 80);
    float dmin = SimpleBlocks.half(bytes, at + 82);
    for (int part = 0; part < SIZE / PART; part++) {
      int both = bytes[at + part];
      float scale = d * (both & 15);
      float m = dmin * (both >> 4 & 15);
      int codes = at + 16 + twoBits(part);
      int shift = part % 8 / 2 * 2;
      for (int i = 0; i < PART; i++) {
        target[offset + part * PART + i] = scale * (bytes[codes + i] >> shift & 3) - m;
      }
    }
  }

  /** 32 bytes of third bits, 64 of the other two, 12 of scales, d. */
  static void q3k(byte[] bytes, int at, float[] target, int offset) {
    float d = SimpleBlocks.half(bytes, at + 108);
    for (int part = 0; part < SIZE / PART; part++) {
      float scale = d * (sixBits(bytes, at + 96, part) - 32);
      int codes = at + 32 + twoBits(part);
      int shift = part % 8 / 2 * 2;
      int third = at + part % 2 * PART;
      for (int i = 0; i < PART; i++) {
        int high = bytes[third + i] >> (part / 2) & 1;
        int code = bytes[codes + i] >> shift & 3;
        target[offset + part * PART + i] = scale * (code + 4 * high - 4);
      }
    }
  }

  /** d, dmin, 12 bytes of scales and offsets, 128 of codes. */
  static void q4k(byte[] bytes, int at, float[] target, int offset) {
    float d = SimpleBlocks.half(bytes, at);
    float dmin = SimpleBlocks.half(bytes, at + 2);
    for (int part = 0; part < SIZE / WIDE_PART; part++) {
      float scale = d * scale(bytes, at + 4, part);
      float m = dmin * offset(bytes, at + 4, part);
      int codes = at + 16 + part / 2 * WIDE_PART;
      int shift = part % 2 * 4;
      for (int i = 0; i < WIDE_PART; i++) {
        target[offset + part * WIDE_PART + i] = scale * (bytes[codes + i] >> shift & 15) - m;
      }
    }
  }

  /** d, dmin, 12 bytes of scales and offsets, 32 of fifth bits, 128 of the other four. */
  static void q5k(byte[] bytes, int at, float[] target, int offset) {
    float d = SimpleBlocks.half(bytes, at);
    float dmin = SimpleBlocks.half(bytes, at + 2);
    for (int part = 0; part < SIZE / WIDE_PART; part++) {
      float scale = d * scale(bytes, at + 4, part);
      float m = dmin * offset(bytes, at + 4, part);
      int codes = at + 48 + part / 2 * WIDE_PART;
      int shift = part % 2 * 4;
      for (int i = 0; i < WIDE_PART; i++) {
        int fifth = bytes[at + 16 + i] >> part & 1;
        int code = (bytes[codes + i] >> shift & 15) | fifth << 4;
        target[offset + part * WIDE_PART + i] = scale * code - m;
      }
    }
  }

  /** 128 bytes of lower four bits, 64 of upper two, 16 signed scales, d. */
  static void q6k(byte[] bytes, int at, float[] target, int offset) {
    float d = SimpleBlocks.half(bytes, at + 208);
    for (int part = 0; part < SIZE / PART; part++) {
      float scale = d * bytes[at + 192 + part];
      int half = part / 8; // of the block
      int quarter = part % 8 / 2; // of the half
      int within = part % 2 * PART;
      int low = at + half * 64 + quarter % 2 * 32 + within;
      int high = at + 128 + half * 32 + within;
      for (int i = 0; i < PART; i++) {
        int code =
            (bytes[low + i] >> (quarter / 2 * 4) & 15)
                | (bytes[high + i] >> (2 * quarter) & 3) << 4;
        target[offset + part * PART + i] = scale * (code - 32);
      }
    }
  }

  /** Where the codes of a part of 16 begin when four parts lie over each other in a byte. */
  private static int twoBits(int part) {
    return part / 8 * 32 + part % 2 * PART;
  }

  /** Of 16 numbers: the lower four bits in 8 bytes, the upper two in 4 more. */
  private static int sixBits(byte[] bytes, int at, int part) {
    int low = bytes[at + part % 8] >> (part / 8 * 4) & 15;
    int high = bytes[at + 8 + part % 4] >> (part / 4 * 2) & 3;
    return low | high << 4;
  }

  /** Of 8 scales: four in 6 bits of a byte, the others in 4 and what those leave free. */
  private static int scale(byte[] bytes, int at, int part) {
    return part < 4
        ? bytes[at + part] & 63
        : (bytes[at + 4 + part] & 15) | (bytes[at + part - 4] >> 6 & 3) << 4;
  }

  /** Of 8 offsets, packed like the scales beside them. */
  private static int offset(byte[] bytes, int at, int part) {
    return part < 4
        ? bytes[at + 4 + part] & 63
        : (bytes[at + 4 + part] >> 4 & 15) | (bytes[at + part] >> 6 & 3) << 4;
  }
}
