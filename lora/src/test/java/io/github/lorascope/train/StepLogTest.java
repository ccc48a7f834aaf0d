package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepLogTest {
  @TempDir Path folder;

  @Test
  void whatJsonCannotSayIsNull() throws IOException {
    Path file = folder.resolve("series.jsonl");
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("ratio", Double.NaN);
    values.put("array", new double[] {1, Double.POSITIVE_INFINITY});
    values.put("list", List.of(0.5, Double.NEGATIVE_INFINITY));
    values.put("count", 7);
    new StepLog(file).append(3, values);
    assertEquals(
        "{\"step\":3,\"ratio\":null,\"array\":[1.0,null],\"list\":[0.5,null],\"count\":7}\n",
        Files.readString(file));
  }

  @Test
  void laterLinesAndHalfOnesAreTakenOff() throws IOException {
    Path file = folder.resolve("series.jsonl");
    StepLog log = new StepLog(file);
    log.keepUpTo(4);
    assertFalse(Files.exists(file));
    for (int step = 1; step <= 5; step++) {
      log.append(step, Map.of("loss", 0.5));
    }
    log.append(5, Map.of("loss", 0.25));
    log.keepUpTo(5);
    assertEquals(6, Files.readAllLines(file).size());
    Files.writeString(file, "{\"step\":3,\"lo", StandardOpenOption.APPEND);
    log.keepUpTo(5);
    assertEquals(6, Files.readAllLines(file).size());
    log.keepUpTo(2);
    assertEquals("{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":0.5}\n", Files.readString(file));
    log.keepUpTo(-1);
    assertEquals("", Files.readString(file));
  }

  @Test
  void aLineThatWouldTakeGoodOnesWithItIsRefused() throws IOException {
    Path file = folder.resolve("series.jsonl");
    String content = "{\"step\":1}\n\n{\"step\":2}\n{\"step\":3}\n";
    Files.writeString(file, content);
    TrainingException thrown =
        assertThrows(TrainingException.class, () -> new StepLog(file).keepUpTo(2));
    assertTrue(thrown.getMessage().contains("line 2 is none"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("line 3 is"), thrown.getMessage());
    assertEquals(content, Files.readString(file));
    Files.write(file, new byte[] {'{', (byte) 0xff, '\n'});
    thrown = assertThrows(TrainingException.class, () -> new StepLog(file).keepUpTo(2));
    assertTrue(thrown.getMessage().contains("not UTF-8"), thrown.getMessage());
  }
}
