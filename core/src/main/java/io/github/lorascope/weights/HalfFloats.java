package io.github.lorascope.weights;

import java.nio.ShortBuffer;

/** Conversion of the two 16-bit floating point formats, in bulk. */
public final class HalfFloats {
  private static final int CHUNK = 4096;

  private HalfFloats() {}

  /**
   * Widens bf16 to float32, exactly.
   *
   * @param bits bit patterns
   * @param from index of the first
   * @param target receives the numbers
   * @param offset where in the target
   * @param count how many
   */
  public static void fromBf16(ShortBuffer bits, int from, float[] target, int offset, int count) {
    short[] chunk = new short[Math.min(CHUNK, count)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      bits.get(from + done, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        target[offset + done + i] = Float.intBitsToFloat(chunk[i] << 16);
      }
    }
  }

  /**
   * Widens IEEE 754 half precision to float32, exactly.
   *
   * @param bits bit patterns
   * @param from index of the first
   * @param target receives the numbers
   * @param offset where in the target
   * @param count how many
   */
  public static void fromF16(ShortBuffer bits, int from, float[] target, int offset, int count) {
    short[] chunk = new short[Math.min(CHUNK, count)];
    for (int done = 0; done < count; done += chunk.length) {
      int n = Math.min(chunk.length, count - done);
      bits.get(from + done, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        target[offset + done + i] = fromF16(chunk[i]);
      }
    }
  }

  /**
   * Widens one half-precision number.
   *
   * @param bits its bit pattern
   * @return the number
   */
  public static float fromF16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }
}
