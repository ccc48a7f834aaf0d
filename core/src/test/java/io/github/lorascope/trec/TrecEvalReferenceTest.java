package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.Golden;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.RankingMeasure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every value of every query against trec_eval's own, on a run with ties. */
class TrecEvalReferenceTest {
  private static final double TOLERANCE = 1e-9;

  @TempDir private Path folder;

  private final Path run = Golden.path("trec/run.txt");
  private final Qrels qrels = Qrels.read(Golden.path("trec/qrels.txt"));
  private final JsonObject expected = Json.read(Golden.path("trec/expected.json"));
  private final List<RankingMeasure> measures =
      RankingMeasure.of(List.copyOf(expected.object("mean").names()));

  private RunEvaluation evaluate(Path file) {
    return RunEvaluation.of(qrels, RunFile.scan(file), measures);
  }

  private void assertAsTrecEval(RunEvaluation evaluation) {
    JsonObject perQuery = expected.object("per_query");
    assertEquals(perQuery.names(), evaluation.perQuery().keySet());
    evaluation.perQuery().forEach((query, values) -> assertSame(perQuery.object(query), values));
    assertSame(expected.object("mean"), evaluation.mean());
  }

  private static void assertSame(JsonObject expected, Map<String, Double> values) {
    assertEquals(expected.names(), values.keySet());
    values.forEach((name, value) -> assertEquals(expected.number(name), value, TOLERANCE, name));
  }

  @Test
  void everyValueOfEveryQueryIsTrecEvals() {
    assertAsTrecEval(evaluate(run));
  }

  @Test
  void theOrderOfLinesAndTheRanksSayNothing() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run)) {
      String[] columns = line.split("\\s+");
      columns[3] = "1";
      lines.add(String.join("\t", columns));
    }
    Collections.shuffle(lines, new Random(3));
    Path shuffled = TrecFiles.gzip(folder.resolve("shuffled"), String.join("\n", lines));
    assertAsTrecEval(evaluate(shuffled));
  }

  /** trec_eval -c: the query that the run lacks has 0. */
  @Test
  void onRequestMeansAreOverAllJudgedQueries() {
    RunEvaluation both = evaluate(run);
    RunEvaluation all = both.overAllJudged(qrels);
    assertEquals(38, both.size());
    assertEquals(39, all.size());
    both.mean()
        .forEach((name, mean) -> assertEquals(mean * 38 / 39, all.mean().get(name), 1e-12, name));
    assertEquals(both.perQuery().get("q0"), all.perQuery().get("q0"));
    assertEquals(0.0, all.perQuery().get("q9").get("ndcg"));
  }
}
