package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareRankingsTest {
  private static final int QUERIES = 5;
  private static final int PASSAGES = 6;

  @TempDir private static Path folder;

  /** Each query's word is in six passages, of which the last answers it, and so does BM25. */
  @BeforeAll
  static void write() throws IOException {
    TinyFolder.model(folder.resolve("model"));
    StringBuilder triples = new StringBuilder();
    for (int query = 0; query < QUERIES; query++) {
      for (int i = 0; i < PASSAGES - 1; i++) {
        triples.append("word").append(query);
        triples.append("\tthe word").append(query).append(" alone, word").append(query);
        triples.append("\tthe word").append(query).append(" beside other").append(i);
        triples.append(" and more\n");
      }
    }
    Files.writeString(folder.resolve("triples.tsv"), triples);
  }

  private static Program.Result run(String candidates) {
    return run(candidates, "0");
  }

  private static Program.Result run(String candidates, String queries) {
    return Program.run(
        folder.resolve("log"),
        CompareRankings.class,
        List.of(
            "--model",
            folder.resolve("model").toString(),
            "--triples",
            folder.resolve("triples.tsv").toString(),
            "--candidates",
            candidates,
            "--queries",
            queries,
            "--wanted",
            "3",
            "--json",
            folder.resolve("table.json").toString()));
  }

  @Test
  void everyStrategyHasALineByTheSameAnswers() throws IOException {
    Program.Result result = run(Integer.toString(PASSAGES));
    assertEquals(0, result.status(), result.err());
    assertTrue(result.out().startsWith("5 queries of 6 passages\n"), result.out());
    JsonObject values = Json.parse(Files.readString(folder.resolve("table.json")), "table.json");
    Map<String, JsonObject> rows = new HashMap<>();
    values.objects("rows").forEach(row -> rows.put(row.string("strategy"), row));
    assertEquals(QUERIES, values.integer("queries"));
    assertEquals(rows.size() + 5, result.out().lines().count(), "three lines above, two below");
    assertEquals(0, rows.get("the order to begin with").number("asked"));
    assertEquals(1, rows.get("the order to begin with").number("ndcg_cut_10_from_bm25"), 1e-12);
    JsonObject all = rows.get("all pairs, mean P");
    assertEquals(PASSAGES * (PASSAGES - 1), all.number("asked"));
    assertEquals(0, all.number("difference"));
    assertEquals(all.number("ndcg_cut_10"), all.number("ndcg_cut_10_from_bm25"), 1e-12);
    for (JsonObject row : rows.values()) {
      assertTrue(row.number("asked") <= row.number("at_most") + 1e-9);
      double ndcg = row.number("ndcg_cut_10");
      assertTrue(ndcg > 0 && ndcg <= 1, "the relevant one is among six: " + ndcg);
    }
  }

  /** Which has no interval, and two passages no cycle. */
  @Test
  void oneQueryOfTwoPassagesIsWritten() throws IOException {
    Program.Result result = run("2", "1");
    assertEquals(0, result.status(), result.err());
    JsonObject values = Json.parse(Files.readString(folder.resolve("table.json")), "table.json");
    assertEquals(1, values.integer("queries"));
    assertTrue(values.isNull("cycles"));
  }

  @Test
  void tooManyCandidatesAreOneLine() {
    Program.Result result = run("7");
    assertEquals(1, result.status());
    assertTrue(result.err().contains("no query has 7 passages with a relevant one"), result.err());
  }
}
