package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is killed without warning, again and again, comes to the same bytes. */
class KillTest {
  /** Lines of metrics.jsonl after which the process is killed, one kill a start. */
  private static final int[] KILLS = {0, 1, 8, 21, 22};

  private static final int STEPS = 40;

  @TempDir Path folder;

  private List<String> arguments(Path out, boolean resume) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model", folder.resolve("model").toString(),
                "--triples", folder.resolve("triples.tsv").toString(),
                "--eval", folder.resolve("triples.tsv").toString(),
                "--eval-limit", "4",
                "--out", out.toString(),
                "--steps", Integer.toString(STEPS),
                "--batch", "16",
                "--dropout", "0.1",
                "--checkpoint-every", "7",
                "--threads", "1",
                "--learning-rate", "1e-2"));
    if (resume) {
      arguments.add("--resume");
    }
    return arguments;
  }

  @Test
  void theAdapterIsThatOfAnUndisturbedRun() throws Exception {
    TinyFolder.model(folder.resolve("model"));
    TinyFolder.triples(folder.resolve("triples.tsv"), 50);
    Path straight = folder.resolve("straight");
    Program.Result whole =
        Program.run(folder.resolve("log"), TrainReranker.class, arguments(straight, false));
    assertEquals(0, whole.status(), whole.err());
    assertEquals("run folder: " + straight, whole.lastLine());
    Path out = folder.resolve("killed");
    int killed = 0;
    for (int lines : KILLS) {
      killed += kill(out, lines) ? 1 : 0;
    }
    assertTrue(killed >= 3, killed + " of the kills came in time");
    assertFalse(Files.exists(out.resolve("summary.json")));
    Program.Result rest =
        Program.run(folder.resolve("log"), TrainReranker.class, arguments(out, true));
    assertEquals(0, rest.status(), rest.err());
    for (String file :
        List.of(
            "adapter/adapter_model.safetensors", "adapter/adapter_config.json", "metrics.jsonl")) {
      assertEquals(-1, Files.mismatch(straight.resolve(file), out.resolve(file)), file);
    }
    assertEquals(STEPS, Files.readAllLines(out.resolve("metrics.jsonl")).size());
    // Not a line's matter: it depends on the process, which a line that comes to the same does not.
    assertTrue(Json.read(out.resolve("summary.json")).number("peak_memory_bytes") > 0);
    String summary = Files.readString(out.resolve("summary.json"));
    Program.Result again =
        Program.run(folder.resolve("log"), TrainReranker.class, arguments(out, true));
    assertEquals(0, again.status(), again.err());
    assertEquals(summary, Files.readString(out.resolve("summary.json")), "it trains no more");
    try (var files = Files.walk(out)) {
      assertEquals(List.of(), files.filter(file -> file.toString().endsWith(".tmp")).toList());
    }
  }

  /** Kills a run as soon as its metrics have so many lines; says whether it was still alive. */
  private boolean kill(Path out, int lines) throws IOException, InterruptedException {
    Process process =
        Program.start(folder.resolve("log"), TrainReranker.class, arguments(out, true));
    while (process.isAlive() && lines(out) < lines) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    if (lines == 0) {
      TimeUnit.MILLISECONDS.sleep(300);
    }
    boolean alive = process.isAlive();
    process.destroyForcibly().waitFor();
    return alive;
  }

  private static long lines(Path out) throws IOException {
    Path metrics = out.resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.readString(metrics).lines().count() : 0;
  }
}
