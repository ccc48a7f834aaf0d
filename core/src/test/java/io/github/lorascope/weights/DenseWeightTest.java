package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DenseWeightTest {
  private static final int ROWS = 7;

  private static final int COLUMNS = 73;

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void readsAnyRows(WeightForm form) {
    DenseWeight weight = weight(form);
    assertEquals(form, weight.form());
    assertEquals((long) ROWS * COLUMNS * (form == WeightForm.F32 ? 4 : 2), weight.bytes());
    float[] some = new float[2 * COLUMNS + 2];
    weight.read(3, 5, some, 1);
    for (int i = 0; i < 2 * COLUMNS; i++) {
      assertEquals(value(3 * COLUMNS + i), some[i + 1]);
    }
    assertEquals(0, some[0]);
    assertEquals(0, some[some.length - 1]);
    float[] viewed = new float[COLUMNS];
    weight.rows(2, 6).rows(1, 3).read(1, 2, viewed, 0);
    float[] direct = new float[COLUMNS];
    weight.read(4, 5, direct, 0);
    assertArrayEquals(direct, viewed);
    assertThrows(IndexOutOfBoundsException.class, () -> weight.read(6, 8, some, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> weight.read(0, 3, some, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "F32,7F800000",
    "F32,FF800000",
    "F32,7FC00000",
    "F32,FFFFFFFF",
    "F16,7C00",
    "F16,FC00",
    "F16,7E00",
    "BF16,7F80",
    "BF16,FF80",
    "BF16,FFFF"
  })
  void findsWhatIsNotFinite(WeightForm form, String bits) {
    ByteBuffer data = data(form, 100, 100);
    DenseWeight weight = DenseWeight.of("some.weight", 100, 100, form, data);
    weight.requireFinite();
    int at = 83 * 100 + 17;
    int pattern = Integer.parseUnsignedInt(bits, 16);
    if (form == WeightForm.F32) {
      data.putInt(at * 4, pattern);
    } else {
      data.putShort(at * 2, (short) pattern);
    }
    String message = assertThrows(WeightException.class, weight::requireFinite).getMessage();
    assertTrue(message.contains("some.weight") && message.contains("row 83, column 17"), message);
  }

  @Test
  void theLargestFiniteNumbersPass() {
    ByteBuffer data = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, 0x7F7FFFFF);
    DenseWeight.of("w", 1, 1, WeightForm.F32, data).requireFinite();
    data.putInt(0, 0xFBFF7BFF);
    DenseWeight.of("w", 1, 2, WeightForm.F16, data).requireFinite();
    data.putInt(0, 0xFF7F7F7F);
    DenseWeight.of("w", 1, 2, WeightForm.BF16, data).requireFinite();
  }

  @Test
  void copiesTheNumbersItIsMadeOf() {
    float[] values = {1, 2};
    DenseWeight weight = DenseWeight.of("w", 1, 2, values);
    values[0] = 9;
    float[] read = new float[2];
    weight.read(0, 1, read, 0);
    assertArrayEquals(new float[] {1, 2}, read);
    assertTrue(weight.data().isReadOnly());
    assertThrows(IllegalArgumentException.class, () -> DenseWeight.of("w", 2, 2, values));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void isConverted(WeightForm form) {
    for (WeightForm to : new WeightForm[] {WeightForm.F32, WeightForm.BF16}) {
      DenseWeight converted = DenseWeight.converted(weight(form), to);
      assertEquals(to, converted.form());
      float[] read = new float[ROWS * COLUMNS];
      converted.read(0, ROWS, read, 0);
      for (int i = 0; i < read.length; i++) {
        assertEquals(value(i), read[i]);
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> DenseWeight.converted(weight(form), WeightForm.F16));
  }

  private static DenseWeight weight(WeightForm form) {
    return DenseWeight.of("w", ROWS, COLUMNS, form, data(form, ROWS, COLUMNS));
  }

  /** Multiples of 1/4 up to 64 are exact in all three forms. */
  private static float value(int i) {
    return (i % 511 - 255) / 4f;
  }

  private static ByteBuffer data(WeightForm form, int rows, int columns) {
    int bytes = form == WeightForm.F32 ? 4 : 2;
    ByteBuffer data = ByteBuffer.allocate(rows * columns * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * columns; i++) {
      int bits = Float.floatToIntBits(value(i));
      switch (form) {
        case F32 -> data.putInt(bits);
        case BF16 -> data.putShort((short) (bits >> 16));
        case F16 -> data.putShort((short) half(bits));
        case NF4, GGUF -> throw new AssertionError();
      }
    }
    return data.flip();
  }

  /** For numbers that are exact and normal in half precision, and 0. */
  private static int half(int bits) {
    int exponent = ((bits >> 23) & 0xFF) - 127 + 15;
    return bits << 1 == 0 ? 0 : ((bits >> 16) & 0x8000) | (exponent << 10) | ((bits >> 13) & 0x3FF);
  }
}
