package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first program that is run, on a model of one's own. */
class QuickStartTest {
  @TempDir private Path folder;

  @Test
  void aModelWhoseQueriesKeysAndValuesAreApartIsTrainedToo() {
    Path model = TinyFolder.llama(folder.resolve("model"));
    Path out = folder.resolve("run");
    Program.Result result =
        Program.run(
            folder.resolve("log"),
            QuickStart.class,
            List.of("--model", "" + model, "--steps", "1", "--out", "" + out, "--threads", "1"));
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().contains("LoRA r=16 on q_proj, k_proj, v_proj: "), result.out());
    assertTrue(Files.exists(out.resolve("report.html")));
  }
}
