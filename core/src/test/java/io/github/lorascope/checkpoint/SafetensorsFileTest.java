package io.github.lorascope.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsWhatTheOfficialLibraryWrote() {
    SafetensorsFile file = SafetensorsFile.open(Golden.path("nf4-bitsandbytes.safetensors"));
    assertEquals(19, file.names().size());
    assertEquals(
        new TensorInfo(DataType.BF16, List.of(96L, 128L), 151056, 175632),
        file.info("double.bf16.dequantized"));
    assertEquals(Map.of(), file.metadata());
    float[] exact = file.floats("double.f32.dequantized");
    float[] rounded = file.floats("double.bf16.dequantized");
    assertEquals(96 * 128, exact.length);
    double apart = 0;
    for (int i = 0; i < exact.length; i++) {
      assertEquals(0, Float.floatToIntBits(rounded[i]) & 0xFFFF);
      apart += Math.abs(exact[i] - rounded[i]) / exact.length;
    }
    assertTrue(apart < 1e-3, "both are the same matrix to bf16 and a few other codes: " + apart);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Path path = folder.resolve("a.safetensors");
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata("format", "pt")
            .metadata("by", "größe")
            .f32("odd", new float[] {1, 2, 3}, 3)
            .u8("bytes", new byte[] {1, -1, 3}, 3, 1)
            .f32Part("part", new float[] {9, 4, 5, 9}, 1, 1, 2)
            .bf16("half", new short[] {0x3F80}, 1)
            .i64("long", new long[] {-5}, 1)
            .f32("scalar", new float[] {7})
            .f32("empty", new float[0], 0, 4);
    writer.write(path);
    byte[] first = Files.readAllBytes(path);
    writer.write(path);
    assertArrayEquals(first, Files.readAllBytes(path));
    assertEquals(0, ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);

    SafetensorsFile file = SafetensorsFile.open(path);
    assertEquals(Map.of("format", "pt", "by", "größe"), file.metadata());
    assertArrayEquals(new float[] {1, 2, 3}, file.floats("odd"));
    assertArrayEquals(new float[] {4, 5}, file.floats("part"));
    assertArrayEquals(new float[] {1}, file.floats("half"));
    assertArrayEquals(new float[] {7}, file.floats("scalar"));
    assertArrayEquals(new float[0], file.floats("empty"));
    assertEquals(List.of(), file.info("scalar").shape());
    assertEquals(List.of(0L, 4L), file.info("empty").shape());
    assertEquals(-5, file.data("long").getLong());
    assertEquals(-1, file.data("bytes").get(1));
    assertTrue(file.data("odd").isReadOnly());
    assertSays(() -> file.floats("bytes"), "tensor bytes is U8");
    assertSays(() -> file.floats("hal"), "no tensor hal; nearest are half");
  }

  @Test
  void refusesMistakesInWriting() {
    SafetensorsWriter writer = new SafetensorsWriter().f32("a", new float[2], 2);
    assertThrows(IllegalArgumentException.class, () -> writer.f32("a", new float[1], 1));
    assertThrows(IllegalArgumentException.class, () -> writer.f32("b", new float[3], 2));
    assertThrows(IndexOutOfBoundsException.class, () -> writer.f32Part("b", new float[3], 2, 2));
    assertThrows(IllegalArgumentException.class, () -> writer.f32("__metadata__", new float[1], 1));
  }

  /** Each header stands before 16 bytes of data; ~ stands for the quote. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{~a~:{~dtype~:~F32~,~shape~:[5],~data_offsets~:[0,20]}} | tensor a ends at byte 20",
        "{~a~:{~dtype~:~F32~,~shape~:[3],~data_offsets~:[0,12]}} | 4 bytes after its last",
        "{~a~:{~dtype~:~F32~,~shape~:[3],~data_offsets~:[4,16]}} | a begins at byte 4",
        "{} | 16 bytes after its last",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,16]},"
            + "~b~:{~dtype~:~F32~,~shape~:[1],~data_offsets~:[12,16]}} | overlaps",
        "{~a~:{~dtype~:~F32~,~shape~:[1],~data_offsets~:[0,4]},"
            + "~b~:{~dtype~:~F32~,~shape~:[2],~data_offsets~:[8,16]}} | hole",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,16]},"
            + "~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,16]}} | Duplicate",
        "{~a~:{~dtype~:~F32~,~shape~:[3],~data_offsets~:[0,16]}} | a has 16 bytes",
        "{~a~:{~dtype~:~F32~,~shape~:[-4],~data_offsets~:[0,16]}} | impossible shape",
        "{~a~:{~dtype~:~F32~,~shape~:[-2,-2],~data_offsets~:[0,16]}} | impossible shape",
        "{~a~:{~dtype~:~F32~,~shape~:[4294967296,4294967296],~data_offsets~:[0,16]}} | shape",
        "{~a~:{~dtype~:~F32~,~shape~:[9223372036854775807,3],~data_offsets~:[0,16]}} | shape",
        "{~a~:{~dtype~:~F32~,~shape~:[99999999999999999999],~data_offsets~:[0,16]}} | shape[0]",
        "{~a~:{~dtype~:~F32~,~shape~:[4.0],~data_offsets~:[0,16]}} | shape[0]",
        "{~a~:{~dtype~:~F32~,~shape~:[~4~],~data_offsets~:[0,16]}} | shape[0]",
        "{~a~:{~dtype~:~F32~,~shape~:4,~data_offsets~:[0,16]}} | shape has to be a list",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[16,0]}} | data_offsets",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[-16,0]}} | data_offsets",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0]}} | data_offsets",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,16,16]}} | data_offsets",
        "{~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,1e1]}} | data_offsets[1]",
        "{~a~:{~dtype~:~F32~,~shape~:[4]}} | data_offsets is missing",
        "{~a~:{~dtype~:~F32~,~data_offsets~:[0,16]}} | shape is missing",
        "{~a~:{~shape~:[4],~data_offsets~:[0,16]}} | dtype is missing",
        "{~a~:{~dtype~:~Q4~,~shape~:[4],~data_offsets~:[0,16]}} | unknown dtype Q4",
        "{~a~:{~dtype~:32,~shape~:[4],~data_offsets~:[0,16]}} | dtype has to be a string",
        "{~a~:7} | a has to be an object",
        "{~__metadata__~:{~x~:1},~a~:{~dtype~:~F32~,~shape~:[4],~data_offsets~:[0,16]}}"
            + " | __metadata__.x",
        "[] | object",
        "{~a~: | well-formed",
        "{} {} | well-formed",
      })
  void refusesUnsoundHeaders(String header, String hint) throws IOException {
    byte[] json = header.replace('~', '"').getBytes(StandardCharsets.UTF_8);
    assertSays(() -> SafetensorsFile.open(file(json.length, json, 16)), hint);
  }

  @Test
  void refusesDeepNesting() throws IOException {
    byte[] json = ("{\"a\":" + "[".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
    assertSays(() -> SafetensorsFile.open(file(json.length, json, 0)), "nesting");
  }

  @Test
  void refusesImpossibleHeaderLengths() throws IOException {
    byte[] json = {'{', '}'};
    assertSays(() -> SafetensorsFile.open(file(3, json, 0)), "cut off");
    assertSays(() -> SafetensorsFile.open(file(-1, json, 0)), "18446744073709551615 bytes");
    assertSays(() -> SafetensorsFile.open(file(100_000_001, json, 0)), "100000001 bytes");
    assertSays(() -> SafetensorsFile.open(file(Long.MAX_VALUE, json, 0)), "is no safetensors");
    assertSays(() -> SafetensorsFile.open(file(0, json, 0)), "holds nothing");
    assertTrue(SafetensorsFile.open(file(2, json, 0)).names().isEmpty());
  }

  @Test
  void refusesWhatIsNoSafetensorsFile() throws IOException {
    assertSays(() -> SafetensorsFile.open(folder.resolve("none")), "does not exist");
    assertSays(() -> SafetensorsFile.open(folder), "is a folder");
    Path tiny = Files.write(folder.resolve("tiny"), new byte[7]);
    assertSays(() -> SafetensorsFile.open(tiny), "7 bytes, too few");
    byte[] latin = "{\"__metadata__\":{\"a\":\"?\"}}".getBytes(StandardCharsets.UTF_8);
    latin[22] = (byte) 0xFC;
    assertSays(() -> SafetensorsFile.open(file(latin.length, latin, 0)), "UTF-8");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path path = folder.resolve("whole");
    new SafetensorsWriter().f32("a", new float[8], 8).u8("b", new byte[3], 3).write(path);
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThrows(CheckpointException.class, () -> SafetensorsFile.open(cut));
    }
    SafetensorsFile open = SafetensorsFile.open(path);
    Files.write(path, Arrays.copyOf(whole, whole.length - 1));
    assertSays(() -> open.data("b"), "shorter");
  }

  private Path file(long announced, byte[] json, int data) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(announced).put(json);
    return Files.write(folder.resolve("x.safetensors"), bytes.array());
  }

  private static void assertSays(Executable action, String hint) {
    String message = assertThrows(CheckpointException.class, action).getMessage();
    assertTrue(message.contains(hint), message);
  }

  @Test
  void aFileThatAnotherReplacedIsNotReadAsItWas(@TempDir Path folder) {
    Path path = folder.resolve("states.safetensors");
    new SafetensorsWriter().f32("x", new float[] {1, 2}, 2).write(path);
    SafetensorsFile opened = SafetensorsFile.open(path);
    assertArrayEquals(new float[] {1, 2}, opened.floats("x"));
    new SafetensorsWriter().f32("x", new float[] {3, 4}, 2).write(path);
    String message = assertThrows(CheckpointException.class, () -> opened.floats("x")).getMessage();
    assertTrue(message.contains("has been replaced since it was opened"), message);
    assertArrayEquals(new float[] {3, 4}, SafetensorsFile.open(path).floats("x"));
  }
}
