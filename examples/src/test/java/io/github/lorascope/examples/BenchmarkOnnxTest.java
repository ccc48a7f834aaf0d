package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkOnnxTest {
  @TempDir private Path folder;

  /** Starts ONNX Runtime in a process whose class path is a user's: thousands of characters. */
  @Test
  void comparesAllOnTheSamePairs() {
    Path model = TinyFolder.model(folder.resolve("model"));
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 5);
    Path adapter = folder.resolve("adapter");
    LoadOptions options = LoadOptions.defaults().withBackend("reference");
    try (Decoder decoder = Decoder.load(model, options);
        LoraAdapter untrained = LoraAdapter.on(decoder).targets("qkv_proj").rank(4).attach()) {
      untrained.save(adapter, Map.of());
    }
    Program.Result result =
        Program.run(
            folder.resolve("log"),
            BenchmarkOnnx.class,
            List.of(
                "--model",
                model.toString(),
                "--adapter",
                adapter.toString(),
                "--triples",
                triples.toString(),
                "--pairs",
                "3",
                "--rounds",
                "1"));
    assertEquals(0, result.status(), result.err());
    List<JsonObject> lines = result.out().lines().map(line -> Json.parse(line, line)).toList();
    assertEquals(
        List.of("lorascope-f32", "lorascope-bf16", "onnx-f32", "onnx-nf4"),
        lines.stream().map(line -> line.string("name")).toList());
    for (JsonObject line : lines) {
      assertEquals(3, line.integer("pairs"));
      assertTrue(line.number("pairs_per_second") > 0);
    }
    assertTrue(lines.get(2).number("largest_difference") < 1e-3, result.out());
  }
}
