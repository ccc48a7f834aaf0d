package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16Test {
  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource({
    "0x3f800000, 0x3f80", // 1
    "0x3f808000, 0x3f80", // a tie, to the even number below
    "0x3f818000, 0x3f82", // a tie, to the even number above
    "0x3f808001, 0x3f81", // above a tie
    "0x3f817fff, 0x3f81", // below a tie
    "0x3fffffff, 0x4000", // carries into the exponent
    "0xbf808000, 0xbf80", // ties of negative numbers alike
    "0xbf818000, 0xbf82",
    "0x80000000, 0x8000", // minus zero
    "0x00000001, 0x0000", // subnormal numbers
    "0x0000ffff, 0x0001",
    "0x7f7fffff, 0x7f80", // the largest float rounds to infinity
    "0x7f800000, 0x7f80", // infinities
    "0xff800000, 0xff80",
  })
  void roundsToNearestTiesToEven(String bits, String expected) {
    float value = Float.intBitsToFloat(Integer.parseUnsignedInt(bits.substring(2), 16));
    short rounded = Bfloat16.toBits(value);
    assertEquals(expected, String.format("0x%04x", rounded));
    assertEquals(rounded << 16, Float.floatToRawIntBits(Bfloat16.round(value)));
  }

  @Test
  void nanStaysNan() {
    for (int bits : new int[] {0x7fc00000, 0x7f800001, 0xff80ffff, 0x7fffffff, 0xffffffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertTrue(Float.isNaN(Bfloat16.round(nan)), Integer.toHexString(bits));
    }
  }

  @Test
  void everyNumberOfTheFormatIsKept() {
    for (int bits = 0; bits <= 0xffff; bits++) {
      float value = Bfloat16.fromBits((short) bits);
      if (!Float.isNaN(value)) {
        assertEquals((short) bits, Bfloat16.toBits(value));
      }
    }
  }
}
