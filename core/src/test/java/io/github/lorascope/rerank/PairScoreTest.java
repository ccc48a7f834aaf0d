package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PairScoreTest {
  @Test
  void aProbabilityIsNotZeroBecauseTheOtherIsNearlyOne() {
    PairScore sure = new PairScore(40, 0);
    assertEquals(Math.exp(-40), sure.probability(1), 1e-12 * Math.exp(-40));
    assertEquals(sure.probabilityA(), sure.probability(0));
    assertEquals(1 / (1 + Math.exp(0.5)), new PairScore(0.25, 0.75).probability(0), 1e-15);
    assertEquals(1 / (1 + Math.exp(-0.5)), new PairScore(0.25, 0.75).probability(1), 1e-15);
  }

  @Test
  void thereAreTwoLabels() {
    PairScore score = new PairScore(1, 0);
    for (int label : new int[] {-1, 2}) {
      assertThrows(IndexOutOfBoundsException.class, () -> score.probability(label));
      assertThrows(IndexOutOfBoundsException.class, () -> score.loss(label));
    }
  }
}
