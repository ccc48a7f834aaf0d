package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateRunTest {
  @TempDir private Path folder;

  private final Path qrels = Folders.golden("trec/qrels.txt");
  private final Path run = Folders.golden("trec/run.txt");

  private Program.Result run(Path runFile, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--qrels", qrels.toString(), "--run", runFile.toString()));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), EvaluateRun.class, arguments);
  }

  @Test
  void printsAndWritesTrecEvalsValues() {
    Path json = folder.resolve("values.json");
    Program.Result result = run(run, "--json", json.toString());
    assertEquals(0, result.status(), result.err());
    assertTrue(result.err().contains("38 queries are judged and retrieved for, 1 judged alone"));
    JsonObject expected = Json.read(Folders.golden("trec/expected.json"));
    JsonObject values = Json.read(json);
    JsonObject means = expected.object("mean");
    for (String name : means.names()) {
      assertEquals(means.number(name), values.object("mean").number(name), 1e-6, name);
      String line = String.format(Locale.ROOT, "%-22s\tall\t%6.4f", name, means.number(name));
      assertTrue(result.out().lines().toList().contains(line), line);
    }
    JsonObject perQuery = expected.object("per_query");
    assertEquals(perQuery.names(), values.object("per_query").names());
    for (String query : perQuery.names()) {
      JsonObject of = perQuery.object(query);
      for (String name : of.names()) {
        double value = values.object("per_query").object(query).number(name);
        assertEquals(of.number(name), value, 1e-6, query + " " + name);
      }
    }
  }

  @Test
  void theLevelThatIsRelevantIsChosen() {
    Program.Result one = run(run, "--measures", "P_10,ndcg_cut_10");
    assertTrue(one.err().contains("has levels up to 3; from 1 on is relevant"), one.err());
    Program.Result three = run(run, "--measures", "P_10,ndcg_cut_10", "--relevance-level", "3");
    assertTrue(!three.err().contains("levels up to"), three.err());
    List<String> lines = one.out().lines().toList();
    List<String> stricter = three.out().lines().toList();
    assertTrue(!lines.get(1).equals(stricter.get(1)) && lines.get(1).startsWith("P_10"), one.out());
    assertEquals(lines.get(2), stricter.get(2));
    Program.Result none = run(run, "--relevance-level", "0");
    assertEquals(1, none.status());
    assertTrue(none.err().contains("a relevance level of 0"), none.err());
  }

  @Test
  void anotherRunIsSetBesideIt() throws IOException {
    List<String> worse = new ArrayList<>();
    for (String line : Files.readAllLines(run)) {
      String[] columns = line.split("\\s+");
      columns[4] = Double.toString(-Double.parseDouble(columns[4]));
      worse.add(String.join(" ", columns));
    }
    Path against = Files.write(folder.resolve("against.run"), worse);
    Path json = folder.resolve("values.json");
    Program.Result result =
        run(run, "--against", against.toString(), "--json", json.toString(), "--measures", "map");
    assertEquals(0, result.status(), result.err());
    JsonObject values = Json.read(json);
    JsonObject map = values.object("comparison").object("map");
    double mean = values.object("mean").number("map");
    double other = values.object("against").object("mean").number("map");
    assertEquals(mean, map.number("run"), 1e-12);
    assertEquals(other, map.number("against"), 1e-12);
    assertEquals(mean - other, map.number("difference"), 1e-12);
    assertEquals(38, map.integer("n"));
    List<Double> interval = map.numbers("interval");
    assertTrue(interval.get(0) < mean - other && mean - other < interval.get(1));
    assertTrue(map.number("p") > 0 && map.number("p") <= 1);
    assertEquals(3, result.out().lines().count(), result.out());
    assertTrue(result.lastLine().contains("38 judged queries"), result.out());
  }

  @Test
  void onRequestMeansAreOverAllJudgedQueries() {
    Program.Result result = run(run, "--all-judged", "--measures", "P_5");
    assertEquals(0, result.status(), result.err());
    assertEquals("num_q                 \tall\t39", result.out().lines().toList().get(0));
    assertEquals("P_5                   \tall\t0.0872", result.lastLine()); // 3.4 / 39
  }

  @Test
  void badInputIsOneLineAndStatus1() throws IOException {
    Path nan = Files.writeString(folder.resolve("nan.run"), "q1 Q0 d1 1 NaN t\n");
    Path twice = Files.writeString(folder.resolve("twice.run"), "q1 Q0 d1 1 2 t\nq1 Q0 d1 2 1 t\n");
    Path other = Files.writeString(folder.resolve("other.run"), "x Q0 d1 1 2 t\n");
    refused("nan.run, line 1 has NaN for a score", run(nan));
    refused("twice.run, line 2 has document d1 for query q1 again", run(twice));
    refused("other.run has no query", run(other));
    refused("there is no file", run(folder.resolve("absent")));
    refused("no measure mrr", run(run, "--measures", "mrr"));
    refused("no measure is named", run(run, "--against", run.toString(), "--measures", ","));
  }

  private static void refused(String part, Program.Result result) {
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(part), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
