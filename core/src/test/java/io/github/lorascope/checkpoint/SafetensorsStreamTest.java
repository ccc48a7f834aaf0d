package io.github.lorascope.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsStreamTest {
  @TempDir Path folder;

  private static SafetensorsWriter announced() {
    return new SafetensorsWriter()
        .metadata("position", "last")
        .f32Later("a", 2, 3)
        .i64("labels", new long[] {0, 1}, 2)
        .f32Later("b", 2);
  }

  @Test
  void piecesInAnyOrderMakeTheBytesOfTheWhole() throws IOException {
    Path whole = folder.resolve("whole");
    new SafetensorsWriter()
        .metadata("position", "last")
        .f32("a", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
        .i64("labels", new long[] {0, 1}, 2)
        .f32("b", new float[] {7, 8}, 2)
        .write(whole);
    Path streamed = folder.resolve("new/streamed");
    try (SafetensorsStream stream = announced().stream(streamed)) {
      stream.put("b", 1, 8);
      stream.put("a", 3, 4, 5, 6);
      stream.put("a", 0, 1, 2, 3);
      assertTrue(Files.notExists(streamed));
      stream.put("b", 0, 7);
      stream.commit();
    }
    assertEquals(-1, Files.mismatch(whole, streamed));
  }

  @Test
  void roundsToWhatIsKept() {
    Path file = folder.resolve("rounded");
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .later("half", DataType.F16, 3)
            .later("brain", DataType.BF16, 1, 3)
            .later("whole", DataType.F32, 3);
    float[] values = {1 + 0x1p-10f, 1 + 0x1p-7f + 0x1p-20f, -3};
    try (SafetensorsStream stream = writer.stream(file)) {
      stream.put("whole", 0, values);
      stream.put("brain", 1, values[1], values[2]);
      stream.put("brain", 0, values[0]);
      stream.put("half", 0, values);
      stream.commit();
    }
    SafetensorsFile read = SafetensorsFile.open(file);
    assertEquals(DataType.F16, read.info("half").type());
    assertEquals(List.of(1L, 3L), read.info("brain").shape());
    assertArrayEquals(new float[] {1 + 0x1p-10f, 1 + 0x1p-7f, -3}, read.floats("half"));
    assertArrayEquals(new float[] {1, 1 + 0x1p-7f, -3}, read.floats("brain"));
    assertArrayEquals(values, read.floats("whole"));
  }

  @Test
  void readsParts() {
    Path file = folder.resolve("parts");
    new SafetensorsWriter()
        .u8("odd", new byte[] {1}, 1)
        .f32("a", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
        .bf16("half", new short[] {0x3F80, 0x4000}, 2)
        .write(file);
    SafetensorsFile read = SafetensorsFile.open(file);
    assertArrayEquals(new float[] {3, 4, 5}, read.floats("a", 2, 3));
    assertArrayEquals(new float[0], read.floats("a", 6, 0));
    assertArrayEquals(new float[] {2}, read.floats("half", 1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> read.floats("a", 4, 3));
    assertThrows(CheckpointException.class, () -> read.floats("odd", 0, 1));
  }

  @Test
  void whatIsNotCommittedLeavesTheOldFileAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("old"), "old");
    try (SafetensorsStream stream = announced().stream(file)) {
      stream.put("b", 0, 7, 8);
      String message = assertThrows(IllegalStateException.class, stream::commit).getMessage();
      assertEquals("0 of the 6 numbers of a came", message);
    }
    assertEquals("old", Files.readString(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void refusesMistakes() {
    assertThrows(IllegalStateException.class, () -> announced().write(folder.resolve("x")));
    SafetensorsWriter none = new SafetensorsWriter();
    assertThrows(IllegalArgumentException.class, () -> none.later("a", DataType.I64, 1));
    try (SafetensorsStream stream = announced().stream(folder.resolve("x"))) {
      assertThrows(IllegalArgumentException.class, () -> stream.put("labels", 0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> stream.put("b", 1, 1, 2));
    }
  }
}
