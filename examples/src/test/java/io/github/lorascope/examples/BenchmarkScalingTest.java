package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchmarkScalingTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "lengths, 2, all of, from 40 to 400",
    "data, 3, 1 x, 16 x",
    "layers, 3, 8 layers, 32 layers",
    "weights, 3, bf16, nf4-double",
    "products, 2, products alone, all of a step"
  })
  void everyCaseHasALine(String of, int cases, String first, String last) throws IOException {
    List<String> lines = run("--of", of, "--batch", "3", "--length", "5", "--rounds", "2");
    assertTrue(lines.get(0).startsWith("reference"), lines.get(0));
    assertTrue(lines.get(1).startsWith("| " + of + " | tokens |"), lines.get(1));
    assertEquals(3 + cases, lines.size());
    assertTrue(lines.get(3).startsWith("| " + first), lines.get(3));
    assertTrue(lines.get(3).matches(".*\\| 1\\.00 \\|.*\\| 1\\.00 \\|"), lines.get(3));
    assertTrue(lines.get(2 + cases).startsWith("| " + last), lines.get(2 + cases));
  }

  @ParameterizedTest
  @CsvSource({"data, 15, 240", "layers, 15, 15"})
  void tokensAreThoseOfTheData(String of, int first, int last) throws IOException {
    List<String> lines = run("--of", of, "--batch", "3", "--length", "5", "--rounds", "1");
    assertTrue(lines.get(3).contains("| " + first + " |"), lines.get(3));
    assertTrue(lines.get(5).contains("| " + last + " |"), lines.get(5));
  }

  private List<String> run(String... arguments) throws IOException {
    Path tiny = Path.of(System.getProperty("golden.dir")).resolve("llama-gqa/config.json");
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(tiny)
            .replace("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 400"));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", config.toString(), "--backend", "reference"));
    Program.Result result = Program.run(folder.resolve("log"), BenchmarkScaling.class, all);
    assertEquals(0, result.status(), result.err());
    return result.out().lines().toList();
  }
}
