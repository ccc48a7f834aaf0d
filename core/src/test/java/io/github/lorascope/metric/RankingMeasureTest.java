package io.github.lorascope.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RankingMeasureTest {
  /** Relevant at ranks 2 and 4, with levels 1 and 3; judged beside them 2, 0 and -1. */
  private static final JudgedRanking RANKING =
      new JudgedRanking(new int[] {0, 1, -1, 3}, new int[] {1, -1, 2, 3, 0});

  private static final double LOG2_3 = Math.log(3) / Math.log(2);
  private static final double LOG2_5 = Math.log(5) / Math.log(2);

  private static double of(String name) {
    return RankingMeasure.of(name).of(RANKING);
  }

  @ParameterizedTest
  @CsvSource({
    "recip_rank, 0.5", "recip_rank_cut_1, 0", "recip_rank_cut_2, 0.5", "recip_rank_cut_99, 0.5",
    "P_1, 0", "P_2, 0.5", "P_4, 0.5", "P_10, 0.2",
    "success_1, 0", "success_2, 1", "success_100, 1",
  })
  void countsAsItsNameSays(String name, double value) {
    assertEquals(value, of(name), 1e-15);
    assertEquals(name, RankingMeasure.of(name).name());
  }

  @Test
  void negativeLevelsAreNotRelevantAndGainNothing() {
    assertEquals((1 / 2.0 + 2 / 4.0) / 3, of("map"), 1e-15);
    assertEquals(1 / 3.0, of("recall_3"), 1e-15);
    assertEquals(2 / 3.0, of("recall_4"), 1e-15);
    double ideal = 3 + 2 / LOG2_3 + 1 / 2.0;
    assertEquals((1 / LOG2_3 + 3 / LOG2_5) / ideal, of("ndcg"), 1e-15);
    assertEquals((1 / LOG2_3) / (3 + 2 / LOG2_3), of("ndcg_cut_2"), 1e-15);
    assertEquals(of("ndcg"), of("ndcg_cut_10"), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "map",
        "recip_rank",
        "recip_rank_cut_5",
        "P_5",
        "recall_5",
        "success_5",
        "ndcg",
        "ndcg_cut_5"
      })
  void nothingRelevantIsZero(String name) {
    RankingMeasure measure = RankingMeasure.of(name);
    assertEquals(0, measure.of(new JudgedRanking(new int[] {0, -1}, new int[] {0, -1})));
    assertEquals(0, measure.of(new JudgedRanking(new int[0], new int[] {2})));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "P_0", "P_-1", "P_x", "map_5", "ndcg_5", "nDCG@10", "ndcg_cut_"})
  void otherNamesAreRefusedWithThoseThatThereAre(String name) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> RankingMeasure.of(List.of("map", name)))
            .getMessage();
    assertTrue(message.contains("no measure " + name) && message.contains("ndcg_cut_k"), message);
  }
}
