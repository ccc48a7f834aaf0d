package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.checkpoint.SafetensorsFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Nf4Test {
  private static final int ROWS = 96;
  private static final int COLUMNS = 128;

  @Test
  void quantizesLikeTheReference() {
    SafetensorsFile golden = SafetensorsFile.open(Golden.path("nf4.safetensors"));
    Nf4Weight weight = Nf4.quantize(weight(golden, "weight"), false);
    assertArrayEquals(golden.floats("codebook"), weight.codebook());
    byte[] codes = bytes(golden, "codes");
    byte[] packed = bytes(weight.packed());
    for (int i = 0; i < codes.length; i++) {
      assertEquals(codes[i], (packed[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15, "code " + i);
    }
    assertArrayEquals(golden.floats("absmax"), scales(weight), 1e-6f);
    assertArrayEquals(golden.floats("dequantized"), read(weight), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"single.f32", "single.bf16", "double.f32", "double.bf16"})
  void quantizesLikeBitsAndBytes(String kind) {
    SafetensorsFile golden = SafetensorsFile.open(Golden.path("nf4-bitsandbytes.safetensors"));
    boolean nested = kind.startsWith("double");
    Weight source = weight(golden, "weight");
    if (kind.endsWith("bf16")) {
      float[] values = read(source);
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat(bf16(values[i]) << 16);
      }
      source = DenseWeight.of("weight", ROWS, COLUMNS, values);
    }
    Nf4Weight weight = Nf4.quantize(source, nested);
    assertArrayEquals(bytes(golden, kind + ".packed"), bytes(weight.packed()));
    if (nested) {
      byte[] expected = bytes(golden, kind + ".absmax");
      byte[] actual = weight.scales().nested().codes();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1, "nested code " + i);
      }
      assertArrayEquals(scales(stored(golden, kind)), scales(weight), 1e-5f);
    } else {
      assertArrayEquals(golden.floats(kind + ".absmax"), scales(weight), 1e-6f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"single.f32", "single.bf16", "double.f32", "double.bf16"})
  void decodesWhatBitsAndBytesStored(String kind) {
    SafetensorsFile golden = SafetensorsFile.open(Golden.path("nf4-bitsandbytes.safetensors"));
    float[] expected = golden.floats(kind + ".dequantized");
    float[] actual = read(stored(golden, kind));
    for (int i = 0; i < expected.length; i++) {
      float value = kind.endsWith("bf16") ? Float.intBitsToFloat(bf16(actual[i]) << 16) : actual[i];
      assertEquals(expected[i], value, 0f, "element " + i);
    }
  }

  @Test
  void buildsTheDynamicMapOfBitsAndBytes() {
    SafetensorsFile golden = SafetensorsFile.open(Golden.path("nf4-bitsandbytes.safetensors"));
    assertArrayEquals(golden.floats("double.f32.nested_quant_map"), DynamicMap.signed());
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,63", "3,7", "5,64", "7,100", "4,65", "33,31", "300,1001"})
  void readsAnyRowsOfAnyShape(int rows, int columns) {
    float[] values = random(rows * columns);
    Nf4Weight weight = Nf4.quantize(DenseWeight.of("w", rows, columns, values), true);
    byte[] packed = bytes(weight.packed());
    assertEquals((values.length + 1) / 2, packed.length);
    float[] codebook = Nf4.codebook();
    float[] expected = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int code = (packed[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15;
      expected[i] = codebook[code] * weight.scales().at(i / 64);
      assertTrue(Math.abs(expected[i] - values[i]) < 0.2f * Math.abs(weight.scales().at(i / 64)));
    }
    assertArrayEquals(expected, read(weight));
    for (int from = 0; from < rows; from += 1 + rows / 9) {
      int to = Math.min(rows, from + 1 + rows / 4);
      float[] part = new float[(to - from) * columns + 3];
      weight.read(from, to, part, 2);
      assertArrayEquals(
          Arrays.copyOfRange(expected, from * columns, to * columns),
          Arrays.copyOfRange(part, 2, part.length - 1),
          "rows " + from + " to " + to);
      assertEquals(0, part[1]);
      assertEquals(0, part[part.length - 1]);
    }
    float[] rounded = new float[values.length];
    weight.readRounded(0, rows, rounded, 0);
    for (int i = 0; i < values.length; i++) {
      assertEquals(Bfloat16.round(expected[i]), rounded[i], "number " + i);
    }
    if (values.length % 2 != 0) {
      assertEquals(7, packed[packed.length - 1] & 15, "the odd end is padded with zero");
    }
  }

  @Test
  void findsTheNearestCodeAtEveryBorder() {
    float[] codebook = Nf4.codebook();
    NearestCode nearest = new NearestCode(codebook);
    for (int i = 0; i < 15; i++) {
      float border = (float) (((double) codebook[i] + codebook[i + 1]) / 2);
      assertEquals(i, nearest.of(border), "a tie goes down");
      assertEquals(i, nearest.of(Math.nextDown(border)));
      assertEquals(i + 1, nearest.of(Math.nextUp(border)));
    }
    for (int i = 0; i < 16; i++) {
      assertEquals(i, nearest.of(codebook[i]));
    }
    assertEquals(0, nearest.of(-1.0000001f));
    assertEquals(15, nearest.of(1.0000001f));
    assertEquals(15, nearest.of(Float.POSITIVE_INFINITY));
    assertEquals(0, nearest.of(Float.NEGATIVE_INFINITY));
  }

  @Test
  void keepsBlocksOfZerosAndOfTinyNumbers() {
    float[] values = new float[192];
    Arrays.fill(values, 64, 128, Float.MIN_VALUE);
    values[64] = 0;
    values[130] = -3;
    Nf4Weight weight = Nf4.quantize(DenseWeight.of("w", 3, 64, values), false);
    float[] read = read(weight);
    assertArrayEquals(values, read);
    assertEquals(0x77, bytes(weight.packed())[0]);
  }

  @Test
  void doubleQuantizesEqualScales() {
    float[] values = new float[64 * 300];
    for (int i = 0; i < values.length; i += 64) {
      values[i] = 0.5f;
    }
    assertArrayEquals(
        values, read(Nf4.quantize(DenseWeight.of("w", 300, 64, values), true)), 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void namesWhereTheSourceIsNotFinite(float bad) {
    float[] values = new float[10 * 70];
    values[7 * 70 + 11] = bad;
    Weight source = DenseWeight.of("some.weight", 10, 70, values);
    String message =
        assertThrows(WeightException.class, () -> Nf4.quantize(source, false)).getMessage();
    assertTrue(message.contains("some.weight") && message.contains("row 7, column 11"), message);
  }

  @Test
  void readsInSeveralThreads() {
    Nf4Weight weight = Nf4.quantize(DenseWeight.of("w", 64, 333, random(64 * 333)), true);
    float[] expected = read(weight);
    float[] actual = new float[expected.length];
    IntStream.range(0, 64).parallel().forEach(row -> weight.read(row, row + 1, actual, row * 333));
    assertArrayEquals(expected, actual);
  }

  @Test
  void refusesTablesThatDoNotFit() {
    BlockScales scales = BlockScales.plain(new float[2]);
    ByteBuffer packed = ByteBuffer.allocate(64);
    float[] codebook = Nf4.codebook();
    assertEquals(64 + 64 + 8, new Nf4Weight("w", 2, 64, packed, codebook, scales).bytes());
    assertThrows(
        IllegalArgumentException.class, () -> new Nf4Weight("w", 2, 65, packed, codebook, scales));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Nf4Weight("w", 2, 64, packed, new float[8], scales));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Nf4Weight("w", 2, 64, packed, codebook, BlockScales.plain(new float[3])));
    assertThrows(
        IllegalArgumentException.class,
        () -> BlockScales.nested(new byte[257], new float[256], new float[1], 0));
  }

  private static Weight weight(SafetensorsFile golden, String name) {
    return DenseWeight.of(name, ROWS, COLUMNS, WeightForm.F32, golden.data(name));
  }

  private static Nf4Weight stored(SafetensorsFile golden, String kind) {
    BlockScales scales =
        kind.startsWith("double")
            ? BlockScales.nested(
                bytes(golden, kind + ".absmax"),
                golden.floats(kind + ".nested_quant_map"),
                golden.floats(kind + ".nested_absmax"),
                golden.floats(kind + ".nested_offset")[0])
            : BlockScales.plain(golden.floats(kind + ".absmax"));
    return new Nf4Weight(
        kind, ROWS, COLUMNS, golden.data(kind + ".packed"), Nf4.codebook(), scales);
  }

  private static float[] read(Weight weight) {
    float[] values = new float[weight.rows() * weight.columns()];
    weight.read(0, weight.rows(), values, 0);
    return values;
  }

  private static float[] scales(Nf4Weight weight) {
    float[] scales = new float[weight.scales().blocks()];
    weight.scales().read(0, scales.length, scales, 0);
    return scales;
  }

  private static byte[] bytes(SafetensorsFile file, String name) {
    return bytes(file.data(name));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static float[] random(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Rounds to the nearest bf16, ties to even. */
  private static int bf16(float value) {
    int bits = Float.floatToIntBits(value);
    return (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }
}
