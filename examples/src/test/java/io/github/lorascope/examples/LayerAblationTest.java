package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.ablation.LayerGroup;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerAblationTest {
  @TempDir Path folder;

  private Program.Result run(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model",
                folder.resolve("model").toString(),
                "--triples",
                folder.resolve("triples.tsv").toString(),
                "--eval",
                folder.resolve("triples.tsv").toString(),
                "--eval-limit",
                "10",
                "--steps",
                "3",
                "--seeds",
                "2",
                "--threads",
                "1",
                "--out",
                folder.resolve("out").toString()));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), LayerAblation.class, arguments);
  }

  @Test
  void trainsWhatIsNotTrainedYetAndPrintsTheTable() throws Exception {
    TinyFolder.model(folder.resolve("model"));
    TinyFolder.triples(folder.resolve("triples.tsv"), 40);
    Program.Result first = run("--groups", "all,same=0");
    assertEquals(0, first.status(), first.err());
    assertEquals("ablation: " + folder.resolve("out/ablation.json"), first.lastLine());
    assertTrue(first.out().contains("\nall "), first.out());
    assertTrue(first.out().contains("all -> same: +0.0000"), first.out());
    String json = Files.readString(folder.resolve("out/ablation.json"));
    JsonObject provenance = Json.read(folder.resolve("out/ablation.json")).object("provenance");
    assertEquals("32", provenance.string("passage_tokens"));
    assertEquals("qkv_proj", provenance.string("targets"));
    assertTrue(Files.exists(folder.resolve("out/ablation/same-seed1/gradients.jsonl")));
    Program.Result again = run("--groups", "all,same=0");
    assertEquals(0, again.status(), again.err());
    assertEquals(first.out(), again.out());
    assertEquals(json, Files.readString(folder.resolve("out/ablation.json")));
    Program.Result otherHead = run("--groups", "all,same=0", "--zero-shot-head");
    assertEquals(1, otherHead.status());
    assertTrue(otherHead.err().contains("head_start_sha256"), otherHead.err());
    Program.Result wrong = run("--groups", "deep=0-3");
    assertEquals(1, wrong.status());
    assertTrue(
        wrong.err().contains("LayerAblation: the group deep (0-3) names layer 1 of a model"),
        wrong.err());
  }

  @ParameterizedTest
  @CsvSource({
    "'all', 'all (0-17)'",
    "'late,early+middle', 'late (11-17) early+middle (0-10)'",
    "'all,middle,late=12-17', 'all (0-17) middle (6-10) late (12-17)'",
    "'mine=0,2,12-17,early,one=5', 'mine (0,2,12-17) early (0-5) one (5)'"
  })
  void groupsAreRead(String text, String groups) {
    assertEquals(
        groups,
        String.join(" ", GroupList.parse(text, 18).stream().map(LayerGroup::toString).toList()));
  }

  @ParameterizedTest
  @CsvSource({
    "'none', \"'none', which is none of\"",
    "'', \"'', which is none of\"",
    "'all,all', \"'all' twice\"",
    "'a=1,a=2', \"'a' twice\"",
    "'all,3', \"'3', which is none of\"",
    "'a=', \"no list of layers\"",
    "'a=4-2', \"4-2 are none\"",
    "'a b=1', \"'a b'\""
  })
  void whatIsNoListOfGroupsIsRefused(String text, String part) {
    String message =
        assertThrows(RuntimeException.class, () -> GroupList.parse(text, 18)).getMessage();
    assertTrue(message.contains(part.replace("\"", "")), message);
  }
}
