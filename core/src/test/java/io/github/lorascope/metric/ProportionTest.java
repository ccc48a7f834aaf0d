package io.github.lorascope.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {
  /**
   * All but the last are Newcombe's ("Two-sided confidence intervals for the single proportion",
   * 1998, table I, method 3); 29 of 29 mirrors 0 of 29, which is z^2 / (29 + z^2) = 0.1170.
   */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718",
    "29, 29, 0.8830, 1.0000"
  })
  void agreesWithPublishedIntervals(long successes, long trials, double low, double high) {
    Proportion proportion = new Proportion(successes, trials);
    assertEquals(low, proportion.low(), 5e-5);
    assertEquals(high, proportion.high(), 5e-5);
  }

  @Test
  void endsSolveTheScoreEquation() {
    Proportion proportion = new Proportion(337, 400);
    for (double end : new double[] {proportion.low(), proportion.high()}) {
      double score = (proportion.accuracy() - end) / Math.sqrt(end * (1 - end) / 400);
      assertEquals(1.959963984540054, Math.abs(score), 1e-9);
    }
  }

  @Test
  void nothingKnownWithoutTrials() {
    Proportion proportion = new Proportion(0, 0);
    assertTrue(Double.isNaN(proportion.accuracy()));
    assertEquals(0, proportion.low());
    assertEquals(1, proportion.high());
    assertEquals("unknown (0 of 0)", proportion.toString());
  }

  @Test
  void whatPicksNoneIsNoTrial() {
    double[] a = {2, 2, 1, Double.NaN, 0};
    double[] b = {1, 1, 1, 1, 3};
    int[] labels = {0, 1, 0, 0, 1};
    assertEquals(new Proportion(2, 3), Proportion.ofLarger(a, b, labels, 0, 5));
    assertEquals(new Proportion(0, 1), Proportion.ofLarger(a, b, labels, 1, 4));
  }

  @Test
  void countsOutcomesAndReadsTheSameEverywhere() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertEquals(
          "0.7500 [0.3006, 0.9544] (3 of 4)",
          Proportion.of(new boolean[] {true, false, true, true}).toString());
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, 3", "4, 3", "0, -1"})
  void refusesImpossibleCounts(long successes, long trials) {
    assertThrows(IllegalArgumentException.class, () -> new Proportion(successes, trials));
  }
}
