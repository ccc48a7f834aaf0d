package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OffHeapTest {
  private static final String PROBE =
      """
      import io.github.lorascope.tensor.MemoryCapException;
      import io.github.lorascope.weights.*;

      public class Probe {
        public static void main(String[] arguments) {
          DenseWeight large = DenseWeight.of("a large one", 2048, 2048, new float[2048 * 2048]);
          try {
            Nf4.quantize(large, false);
          } catch (MemoryCapException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir Path folder;

  @Test
  void memoryIsLittleEndian() {
    assertEquals(ByteOrder.LITTLE_ENDIAN, OffHeap.allocate("w", 8).order());
  }

  @Test
  void onePieceHasLessThanTwoGigabytes() {
    String message =
        assertThrows(WeightException.class, () -> OffHeap.allocate("w", 1L << 31)).getMessage();
    assertTrue(message.startsWith("w would take 2147483648 bytes"), message);
  }

  /** Java's limit is that of a process. */
  @Test
  void javasOwnLimitIsNamed() throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("Probe.java"), PROBE);
    Path log = folder.resolve("log");
    new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:MaxDirectMemorySize=1m",
            "-cp",
            System.getProperty("java.class.path"),
            source.toString())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start()
        .waitFor();
    String said = Files.readString(log);
    assertTrue(said.contains("a large one needs 2097152 bytes outside the heap"), said);
    assertTrue(said.contains("-XX:MaxDirectMemorySize"), said);
  }
}
