package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTapsTest {
  @TempDir Path folder;

  /** What it says is not held to any speed. */
  @Test
  void everyTapIsComparedWithNone() {
    TinyFolder.model(folder.resolve("model"));
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 30);
    Program.Result result =
        Program.run(
            folder.resolve("log"),
            BenchmarkTaps.class,
            List.of(
                "--model",
                folder.resolve("model").toString(),
                "--triples",
                triples.toString(),
                "--batch",
                "2",
                "--seconds",
                "0"));
    assertEquals(0, result.status(), result.err());
    JsonObject line = Json.parse(result.lastLine(), "standard output");
    assertEquals(15, line.integer("timed_steps"), "three rounds of six steps but the first");
    JsonObject speeds = line.object("train_tokens_per_second");
    JsonObject ratios = line.object("time_ratio");
    for (String name :
        List.of(
            "none_again",
            "empty",
            "gradients",
            "gradients_effective_rank",
            "residual_gradients",
            "all")) {
      assertTrue(speeds.number(name) > 0, name);
      assertTrue(ratios.number(name) > 0, name);
    }
    assertTrue(speeds.number("none") > 0);
    assertEquals(6, ratios.names().size());
  }
}
