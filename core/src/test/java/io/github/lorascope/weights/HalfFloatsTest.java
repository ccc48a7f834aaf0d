package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ShortBuffer;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  @Test
  void widensEveryHalfAsTheFormatSays() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = (bits >> 10) & 31;
      int fraction = bits & 1023;
      float actual = HalfFloats.fromF16((short) bits);
      if (exponent == 31 && fraction != 0) {
        assertTrue(Float.isNaN(actual));
        continue;
      }
      double magnitude =
          exponent == 31
              ? Double.POSITIVE_INFINITY
              : exponent == 0
                  ? Math.scalb((double) fraction, -24)
                  : Math.scalb(1024.0 + fraction, exponent - 25);
      float expected = (float) (bits < 1 << 15 ? magnitude : -magnitude);
      assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(actual), "bits " + bits);
    }
  }

  @Test
  void widensInBulkAcrossChunks() {
    short[] bits = new short[10_001];
    float[] expected = new float[bits.length + 1];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) (Float.floatToIntBits(i / 7f) >> 16);
      expected[i + 1] = i == 0 ? 0 : Float.intBitsToFloat(bits[i] << 16);
    }
    float[] actual = new float[expected.length];
    HalfFloats.fromBf16(ShortBuffer.wrap(bits), 0, actual, 1, bits.length);
    assertArrayEquals(expected, actual);

    float[] tail = new float[2];
    HalfFloats.fromF16(ShortBuffer.wrap(new short[] {0, 0x3C00, (short) 0xC000}), 1, tail, 0, 2);
    assertArrayEquals(new float[] {1, -2}, tail);
  }

  @Test
  void roundsToTheNearestHalfAndTiesToEven() {
    for (int bits = 0; bits < 0x7C00; bits++) {
      float value = HalfFloats.fromF16((short) bits);
      assertEquals((short) bits, HalfFloats.toF16(value));
      assertEquals((short) (bits | 0x8000), HalfFloats.toF16(-value));
      float next = bits == 0x7BFF ? 65_536 : HalfFloats.fromF16((short) (bits + 1));
      float middle = (value + next) / 2; // exact
      assertEquals((short) (bits + (bits & 1)), HalfFloats.toF16(middle), "above " + value);
      assertEquals((short) bits, HalfFloats.toF16(Math.nextDown(middle)), "above " + value);
      assertEquals((short) (bits + 1), HalfFloats.toF16(Math.nextUp(middle)), "above " + value);
    }
    assertEquals((short) 0xFC00, HalfFloats.toF16(Float.NEGATIVE_INFINITY));
    assertEquals((short) 0x7C00, HalfFloats.toF16(Float.MAX_VALUE));
    assertEquals((short) 0, HalfFloats.toF16(Float.MIN_VALUE));
    assertTrue(Float.isNaN(HalfFloats.fromF16(HalfFloats.toF16(Float.NaN))));
  }
}
