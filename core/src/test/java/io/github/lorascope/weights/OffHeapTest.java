package io.github.lorascope.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.OtherProcess;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

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
    String said = OtherProcess.run(PROBE, List.of("-XX:MaxDirectMemorySize=1m")).said();
    assertTrue(said.contains("a large one needs 2097152 bytes outside the heap"), said);
    assertTrue(said.contains("-XX:MaxDirectMemorySize"), said);
  }
}
