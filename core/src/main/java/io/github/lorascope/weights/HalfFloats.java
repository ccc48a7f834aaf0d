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

  /**
   * Rounds one number to half precision: to the nearest, ties to even; beyond 65,504 it becomes
   * infinite, and NaN stays what it is.
   *
   * @param value the number
   * @return its bit pattern
   */
  public static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & Integer.MAX_VALUE;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 0x477FF000) { // from here on the nearest would be 2^16
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x38800000) { // below 2^-14 all steps are 2^-24
      return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24f));
    }
    int rounded = magnitude + 0xFFF + ((magnitude >>> 13) & 1);
    return (short) (sign | (rounded - ((127 - 15) << 23)) >>> 13);
  }
}
