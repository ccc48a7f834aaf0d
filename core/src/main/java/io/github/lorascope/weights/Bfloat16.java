package io.github.lorascope.weights;

/** The 16-bit floating point format that is the upper half of a float32. */
public final class Bfloat16 {
  private Bfloat16() {}

  /**
   * Rounds to the nearest number that the format holds, ties to even; infinities and NaN stay what
   * they are.
   *
   * @param value the number
   * @return the rounded number
   */
  public static float round(float value) {
    return fromBits(toBits(value));
  }

  /**
   * Rounds to the nearest number that the format holds, ties to even; infinities and NaN stay what
   * they are.
   *
   * @param value the number
   * @return its 16 bits
   */
  public static short toBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40); // the lower half alone may have said NaN
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * Widens.
   *
   * @param bits the 16 bits
   * @return the number
   */
  public static float fromBits(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
