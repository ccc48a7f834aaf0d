package io.github.lorascope.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.weights.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufFileTest {
  private static final int TENSOR_COUNT = 8;
  private static final int KEY_COUNT = 16;

  @TempDir Path folder;

  private static Path golden() {
    return Golden.path("gguf/types.gguf");
  }

  @ParameterizedTest
  @EnumSource(GgufType.class)
  void everyTypeIsDequantizedExactly(GgufType type) {
    String name = type.name().toLowerCase(Locale.ROOT);
    float[] expected = SafetensorsFile.open(Golden.path("gguf/types.safetensors")).floats(name);
    Weight weight = GgufFile.open(golden()).weight(name);
    assertEquals(6, weight.rows());
    assertEquals(512, weight.columns());
    float[] whole = new float[expected.length];
    weight.read(0, 6, whole, 0);
    assertArrayEquals(expected, whole);
    float[] part = new float[2 * 512 + 3];
    weight.rows(1, 5).read(1, 3, part, 3);
    assertArrayEquals(
        Arrays.copyOfRange(expected, 2 * 512, 4 * 512), Arrays.copyOfRange(part, 3, part.length));
    assertThrows(IndexOutOfBoundsException.class, () -> weight.read(5, 7, whole, 0));
  }

  @Test
  void valuesOfAllKindsAreRead() throws IOException {
    GgufMetadata keys =
        GgufFile.open(
                new GgufWriter()
                    .uint32("u", -1)
                    .uint32("n", 7)
                    .float32("f", 1.5)
                    .bool("b", true)
                    .text("s", "ä🙂")
                    .texts("t", List.of("x", "", "yz"))
                    .int32s("i", 3, -4)
                    .float32s("r", 0.5f, -2)
                    .write(folder.resolve("keys.gguf")))
            .metadata();
    assertEquals(Set.of("u", "n", "f", "b", "s", "t", "i", "r"), keys.keys());
    assertEquals(7, keys.integer("n"));
    assertEquals(7, keys.integer("n", 1));
    assertEquals(1, keys.integer("none", 1));
    assertEquals(1.5, keys.number("f"));
    assertTrue(keys.bool("b", false));
    assertEquals("ä🙂", keys.text("s"));
    assertEquals(List.of("x", "", "yz"), keys.texts("t"));
    assertArrayEquals(new int[] {3, -4}, keys.integers("i"));
    assertArrayEquals(new float[] {0.5f, -2}, keys.floats("r"));
    assertSays(() -> keys.integer("u"), "key u is 4294967295, which is beyond 32 bits");
    assertSays(() -> keys.integer("s"), "key s is string");
    assertSays(() -> keys.text("t"), "key t is a list of string");
    assertSays(() -> keys.texts("i"), "key i is a list of int32");
    assertSays(() -> keys.number("n"), "key n is uint32");
    assertSays(() -> keys.text("none"), "has no key none");
  }

  @Test
  void refusesWhatIsNoGguf() throws IOException {
    assertSays(() -> GgufFile.open(folder), "is a folder");
    assertSays(() -> GgufFile.open(folder.resolve("none.gguf")), "does not exist");
    assertRefused(new byte[0], "has 0 bytes");
    assertRefused("{\"a\": 1}".getBytes(StandardCharsets.UTF_8), "begins with the bytes 7b 22 61");
    byte[] good = Files.readAllBytes(golden());
    assertRefused(with(good, 4, 1), "is GGUF of version 1");
    assertRefused(with(good, 4, 0x03000000), "big-endian");
  }

  @Test
  void countsAreNotBelieved() throws IOException {
    byte[] good = Files.readAllBytes(golden());
    for (long count : new long[] {-1, Long.MAX_VALUE, 1L << 40, Integer.MAX_VALUE}) {
      assertRefused(withLong(good, TENSOR_COUNT, count), "tensors, but only");
      assertRefused(withLong(good, KEY_COUNT, count), "keys, but only");
      assertRefused(withLong(good, 24, count), "bytes of key 0, but only"); // the first key's name
      byte[] texts = new GgufWriter().texts("t", List.of("x")).bytes();
      assertRefused(withLong(texts, 24 + 8 + 1 + 4 + 4, count), "elements of ");
    }
  }

  /** A damaged length of a large file can be that of nearly all of it. */
  @Test
  void aTextIsNotMadeOfAllTheFile() throws IOException {
    byte[] large = Arrays.copyOf(Files.readAllBytes(golden()), 20 << 20);
    assertRefused(withLong(large, 24, 65_537), "key 0 has 65537 bytes, of which it may have 65536");
    Path file =
        new GgufWriter().text("t", "x".repeat((16 << 20) + 1)).write(folder.resolve("text.gguf"));
    GgufFile opened = GgufFile.open(file);
    assertSays(() -> opened.metadata().text("t"), "of which it may have 16777216");
  }

  @Test
  void everyCutIsNoticed() throws IOException {
    byte[] good = Files.readAllBytes(golden());
    for (int length = 0; length < 700; length++) {
      assertRefused(Arrays.copyOf(good, length), "");
    }
    assertRefused(Arrays.copyOf(good, good.length - 32), "cut off"); // 16 are padding
  }

  @Test
  void damagedHeadersEndInWords() throws IOException {
    byte[] good = Files.readAllBytes(golden());
    Random random = new Random(7);
    Path file = folder.resolve("damaged.gguf");
    for (int trial = 0; trial < 2000; trial++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= trial % 3; i++) {
        bad[random.nextInt(680)] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      try {
        GgufFile opened = GgufFile.open(file);
        opened.names().forEach(opened::weight);
      } catch (GgufException e) {
        assertTrue(e.getMessage().contains("damaged.gguf"), e.getMessage());
      }
    }
  }

  @Test
  void tensorsHaveToLieApartWithinTheFile() throws IOException {
    byte[] data = new byte[64];
    GgufWriter two = new GgufWriter().tensor("a", 0, data, 16).tensor("b", 0, data, 16);
    byte[] good = two.bytes();
    int offset = indexOf(good, "b") + 1 + 4 + 8 + 4;
    assertEquals(2, GgufFile.open(Files.write(folder.resolve("x.gguf"), good)).names().size());
    assertRefused(withLong(good, offset, 32), "tensor b overlaps another");
    assertRefused(withLong(good, offset, 0), "overlaps another");
    assertRefused(withLong(good, offset, 65), "no multiple of 32");
    assertRefused(withLong(good, offset, 96), "takes 64 bytes from byte 96");
    assertRefused(withLong(good, offset, Long.MAX_VALUE / 64 * 64), "there are only 128");
    assertRefused(withLong(good, offset, -64), "which is no multiple");
    assertRefused(with(good, offset - 4, 16), "is of type 16 of ggml, which is not supported");
    assertRefused(with(good, offset - 4, 8), "has rows of 16 numbers, but Q8_0 has blocks of 32");
    for (long size : new long[] {0, -16, Long.MIN_VALUE}) {
      assertRefused(withLong(good, offset - 12, size), "impossible shape");
    }
    assertRefused(withLong(good, offset - 12, Long.MAX_VALUE), "impossible shape");
    assertRefused(withLong(good, offset - 12, 1L << 40), "there are only 128");
    assertRefused(with(good, offset - 16, 5), "has 5 dimensions");
    good[indexOf(good, "b")] = 'a';
    assertRefused(good, "has the tensor a twice");
    assertRefused(
        new GgufWriter().uint32("general.alignment", 48).bytes(), "alignment 48 is no power");
    assertRefused(new GgufWriter().uint32("general.alignment", 0).bytes(), "no power of two");
  }

  @Test
  void numbersHaveToBeFinite() throws IOException {
    byte[] block = new byte[2 * 20];
    block[20 + 3] = 0x7C; // the second block's offset is infinite
    GgufFile file =
        GgufFile.open(
            new GgufWriter()
                .tensor("m", 3, block, 32, 2)
                .f32("v", new float[] {1, Float.NaN}, 2)
                .write(folder.resolve("x.gguf")));
    assertSays(() -> file.weight("m"), "tensor m holds NaN or infinity in row 1");
    assertSays(() -> file.weight("v"), "v holds NaN or infinity at row 0, column 1");
    assertSays(() -> file.weight("w"), "has no tensor w");
  }

  /** Those behind the first hold no other keys. */
  @Test
  void aPartIsNotTakenForAFile() throws IOException {
    GgufWriter part = new GgufWriter().uint32("split.count", 3).uint32("split.no", 1);
    assertRefused(part.bytes(), "is one of 3 parts; join them");
  }

  @Test
  void aFileThatAnotherReplacedIsNotReadAsItWas() throws IOException {
    Path file = new GgufWriter().f32("x", new float[] {1, 2}, 2).write(folder.resolve("x.gguf"));
    GgufFile opened = GgufFile.open(file);
    assertEquals(2, opened.weight("x").columns());
    Path other = new GgufWriter().f32("x", new float[] {3, 4}, 2).write(folder.resolve("y.gguf"));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertSays(() -> opened.weight("x"), "has been replaced since it was opened");
  }

  private void assertRefused(byte[] bytes, String part) throws IOException {
    Path file = Files.write(folder.resolve("bad.gguf"), bytes);
    assertSays(() -> GgufFile.open(file), part);
  }

  private static void assertSays(Executable action, String part) {
    String message = assertThrows(GgufException.class, action).getMessage();
    assertTrue(message.contains(part), message);
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return changed;
  }

  private static byte[] withLong(byte[] bytes, int at, long value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    return changed;
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
  }
}
