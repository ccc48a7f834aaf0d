package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.rerank.PairScore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MergeDriftTest {
  /** With P(A) as asked for. */
  private static PairScore score(double p) {
    return new PairScore(Math.log(p / (1 - p)), 0);
  }

  @Test
  void differencesAreOfProbabilitiesAndHaveNoSign() {
    MergeDrift drift =
        MergeDrift.of(
            List.of(score(0.5), score(0.9), score(0.45), score(0.2)),
            List.of(score(0.6), score(0.7), score(0.55), score(0.2)));
    assertEquals(0.2, drift.largest(), 1e-12);
    assertEquals(0.1, drift.mean(), 1e-12);
    assertEquals(1, drift.changed());
    assertEquals(4, drift.pairs());
    assertEquals(
        Map.of(
            "largest_difference",
            drift.largest(),
            "mean_difference",
            drift.mean(),
            "changed_decisions",
            1,
            "pairs",
            4),
        drift.values());
    assertEquals(
        "P(A) differs by 0.20 at most and by 0.10 on average over 4 pairs; 1 are decided the other"
            + " way",
        drift.toString());
  }

  @Test
  void answersToOtherQuestionsAreNotCompared() {
    List<PairScore> one = List.of(score(0.5));
    assertThrows(IllegalArgumentException.class, () -> MergeDrift.of(one, List.of()));
    assertThrows(IllegalArgumentException.class, () -> MergeDrift.of(List.of(), List.of()));
  }
}
