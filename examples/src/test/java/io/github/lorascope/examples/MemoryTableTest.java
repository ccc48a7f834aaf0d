package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.MemoryPlan;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.decoder.TokenBatch;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryTableTest {
  @TempDir Path folder;

  /** What the README says of 16 pairs of 512 tokens. */
  @ParameterizedTest
  @CsvSource({"24, NF4_DOUBLE, true", "24, BF16, true", "40, NF4_DOUBLE, false", "40, BF16, false"})
  void phi3MiniFits(int gigabytes, Quantization form, boolean recompute) {
    ModelConfig config = ModelConfig.read(Bundled.phi3Mini());
    TokenBatch tokens = TokenBatch.of(Collections.nCopies(16, new int[512]));
    MemoryPlan plan = MemoryTable.plan(config, 16, tokens, gigabytes, form, recompute);
    assertTrue(plan.peak() <= MemoryTable.cap(gigabytes), plan.toString());
  }

  @Test
  void aLineSaysWhatFits() {
    Program.Result result =
        Program.run(
            folder.resolve("log"),
            MemoryTable.class,
            List.of("--gigabytes", "24,40", "--batch", "16", "--length", "512"));
    assertEquals(0, result.status(), result.err());
    List<String> lines = result.out().lines().toList();
    assertEquals(2 + 2 * 4, lines.size(), result.out());
    assertTrue(lines.get(2).startsWith("| 24 GB | nf4-double | recomputed |"), result.out());
    assertTrue(lines.get(2).endsWith("| fits |"), result.out());
    assertTrue(lines.get(3).endsWith("| too much |"), result.out());
  }

  @Test
  void noPairsAreRefused() {
    Program.Result result =
        Program.run(folder.resolve("log"), MemoryTable.class, List.of("--batch", "0"));
    assertEquals(1, result.status());
    assertTrue(result.err().contains("0 pairs"), result.err());
  }
}
