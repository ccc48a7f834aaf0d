package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.rerank.PairScore;
import java.util.List;
import org.junit.jupiter.api.Test;

class BothPositionsTest {
  private static final List<PairExample> PAIRS =
      List.of(new PairExample("q", "right", "wrong", 0), new PairExample("q", "wrong", "right", 1));

  /** With the logarithm of its odds as the margin, A has this probability. */
  private static PairScore answer(double probabilityA) {
    return new PairScore(Math.log(probabilityA / (1 - probabilityA)), 0);
  }

  private static BothPositions of(double first, double second, double swapped1, double swapped2) {
    return BothPositions.of(
        PAIRS, List.of(answer(first), answer(second)), List.of(answer(swapped1), answer(swapped2)));
  }

  @Test
  void aModelThatKnowsIsRightInBoth() {
    BothPositions both = of(0.9, 0.1, 0.1, 0.9);
    assertEquals(1, both.accuracy().accuracy());
    assertEquals(0, both.difference().mean(), 1e-12);
    assertEquals(0, both.flips().accuracy());
  }

  @Test
  void aModelThatSaysAIsBiased() {
    BothPositions both = of(0.8, 0.8, 0.8, 0.8);
    assertEquals(0, both.accuracy().successes(), "a tie is not right");
    assertEquals(0.6, both.difference().mean(), 1e-12);
    assertEquals(1, both.flips().accuracy());
    assertEquals(-0.6, of(0.2, 0.2, 0.2, 0.2).difference().mean(), 1e-12);
  }

  @Test
  void theMeanOfBothDecides() {
    // Of the first 0.9 as A and 0.3 as B; of the second 0.3 as B and 0.55 as A.
    BothPositions both = of(0.9, 0.7, 0.7, 0.55);
    assertEquals(1, both.accuracy().successes());
    assertEquals(2, both.accuracy().trials());
    assertEquals((0.6 + 0.25) / 2, both.difference().mean(), 1e-12);
    assertEquals(2, both.flips().successes());
  }

  @Test
  void aSwappedPairHasItsPassagesAndItsLabelExchanged() {
    assertEquals(PAIRS.get(1), PAIRS.get(0).swapped());
    assertEquals(PAIRS.get(0), PAIRS.get(0).swapped().swapped());
  }

  @Test
  void everyPairNeedsItsAnswers() {
    List<PairScore> one = List.of(answer(0.5));
    List<PairScore> two = List.of(answer(0.5), answer(0.5));
    assertThrows(IllegalArgumentException.class, () -> BothPositions.of(PAIRS, one, two));
    assertThrows(IllegalArgumentException.class, () -> BothPositions.of(PAIRS, two, one));
  }
}
