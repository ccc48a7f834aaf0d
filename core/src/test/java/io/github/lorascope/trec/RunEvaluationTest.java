package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.metric.RankingMeasure;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEvaluationTest {
  private static final List<RankingMeasure> MEASURES =
      RankingMeasure.of(List.of("map", "recip_rank_cut_2"));

  @TempDir private Path folder;

  private RunEvaluation evaluate(String qrels, String run) {
    return evaluate(qrels, run, MEASURES);
  }

  private RunEvaluation evaluate(String qrels, String run, List<RankingMeasure> measures) {
    return RunEvaluation.of(
        Qrels.read(TrecFiles.write(folder.resolve("qrels"), qrels)),
        RunFile.scan(TrecFiles.write(folder.resolve("run"), run)),
        measures);
  }

  @Test
  void aJudgedQueryWithoutRelevantDocumentsCountsAsZero() {
    RunEvaluation evaluation =
        evaluate("q 0 a 0\nr 0 a 1\n", "q Q0 a 1 1 t\nr Q0 a 1 1 t\nunjudged Q0 a 1 1 t\n");
    assertEquals(2, evaluation.size());
    assertEquals(Map.of("map", 0.5, "recip_rank_cut_2", 0.5), evaluation.mean());
  }

  /** Worked out by hand, as trec_eval -l 2 has it. */
  @Test
  void theLevelThatIsRelevantCountsForAllMeasuresButNdcg() {
    Qrels qrels =
        Qrels.read(TrecFiles.write(folder.resolve("qrels"), "q 0 a 1\nq 0 b 2\nq 0 c 3\n"));
    RunFile run =
        RunFile.scan(
            TrecFiles.write(folder.resolve("run"), "q Q0 a 1 3 t\nq Q0 x 2 2 t\nq Q0 b 3 1 t\n"));
    List<RankingMeasure> measures =
        RankingMeasure.of(List.of("map", "recip_rank", "P_3", "recall_3", "success_1", "ndcg"));
    Map<String, Double> of1 = RunEvaluation.of(qrels, run, measures).mean();
    Map<String, Double> of2 = RunEvaluation.of(qrels, run, measures, 2).mean();
    assertEquals(3, qrels.highestLevel());
    assertEquals((1 + 2 / 3.0) / 3, of1.get("map"), 1e-12);
    assertEquals(1 / 3.0 / 2, of2.get("map"), 1e-12);
    assertEquals(1, of1.get("recip_rank"), 1e-12);
    assertEquals(1 / 3.0, of2.get("recip_rank"), 1e-12);
    assertEquals(1 / 3.0, of2.get("P_3"), 1e-12);
    assertEquals(1 / 2.0, of2.get("recall_3"), 1e-12);
    assertEquals(0, of2.get("success_1"), 1e-12);
    assertEquals(of1.get("ndcg"), of2.get("ndcg"), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> RunEvaluation.of(qrels, run, measures, 0));
  }

  @Test
  void filesOfOtherQueriesAreNamed() {
    String message =
        assertThrows(TrecException.class, () -> evaluate("x1 0 a 1\n", "y1 Q0 a 1 1 t\n"))
            .getMessage();
    for (String part : List.of("run has no query", "qrels", "y1 and x1")) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void runsAreComparedOverTheQueriesOfBoth() {
    String qrels = "q 0 a 1\nr 0 a 1\ns 0 a 1\n";
    RunEvaluation first = evaluate(qrels, "q Q0 a 1 1 t\nr Q0 a 1 2 t\nr Q0 b 2 1 t\n");
    RunEvaluation second = evaluate(qrels, "s Q0 a 1 1 t\nr Q0 b 1 2 t\nr Q0 a 2 1 t\n");
    RunComparison map = RunComparison.of(first, second, 0).get("map");
    assertEquals(1, map.mean());
    assertEquals(0.5, map.against());
    assertEquals(0.5, map.difference().difference());
    assertEquals(1, map.difference().n());
    RunEvaluation third = evaluate(qrels, "s Q0 a 1 1 t\n");
    assertThrows(TrecException.class, () -> RunComparison.of(first, third, 0));
  }

  /** The run has ndcg 0.63 and recip_rank 0.5, so that one taken for the other would differ. */
  @Test
  void measuresAreComparedByNameInWhateverOrder() {
    String qrels = "q 0 a 1\n";
    String run = "q Q0 b 1 2 t\nq Q0 a 2 1 t\n";
    List<RankingMeasure> twice = RankingMeasure.of(List.of("ndcg", "ndcg", "recip_rank"));
    RunEvaluation first = evaluate(qrels, run, twice);
    RunEvaluation second = evaluate(qrels, run, RankingMeasure.of(List.of("recip_rank", "ndcg")));
    Map<String, RunComparison> comparisons = RunComparison.of(first, second, 0);
    assertEquals(List.of("ndcg", "recip_rank"), List.copyOf(comparisons.keySet()));
    assertEquals(0.5, comparisons.get("recip_rank").against());
    for (RunComparison comparison : comparisons.values()) {
      assertEquals(comparison.mean(), comparison.against());
      assertEquals(0, comparison.difference().difference());
    }
    RunEvaluation other = evaluate(qrels, run);
    assertThrows(IllegalArgumentException.class, () -> RunComparison.of(first, other, 0));
  }
}
