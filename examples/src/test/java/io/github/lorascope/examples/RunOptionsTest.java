package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.prompt.PairPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class RunOptionsTest {
  @Command
  private static final class Looking {
    @Mixin private RunOptions run;
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "quantization, int4",
    "precision, bf16",
    "max_tokens, x",
    "passage_tokens, -1",
    "pairs_n, 1e3"
  })
  void aDamagedRunIsRefusedByItsField(String field, String value) throws IOException {
    Map<String, String> provenance =
        new TreeMap<>(
            Map.of(
                "prompt", PairPrompt.standard().template(),
                "passage_tokens", "32",
                "max_tokens", "512",
                "precision", "F32",
                "quantization", "stored"));
    provenance.put(field, value);
    Path file = folder.resolve("provenance.json");
    Files.writeString(file, Json.write(provenance));
    Path triples = TinyFolder.triples(folder.resolve("triples.tsv"), 2);
    Looking looking = new Looking();
    new CommandLine(looking)
        .parseArgs("--run", "" + folder, "--model", "" + folder, "--eval", "" + triples);
    JsonException e = assertThrows(JsonException.class, looking.run::open);
    assertTrue(e.getMessage().startsWith(file + ": " + field + " has to be "), e.getMessage());
    assertTrue(e.getMessage().contains("but is '" + value + "'"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
