package io.github.lorascope.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MeanIntervalTest {
  /** By hand: mean 3, standard error sqrt(2.5 / 5), t(0.975, 4) = 2.776445. */
  @Test
  void isStudentsInterval() {
    MeanInterval interval = MeanInterval.of(1, 2, 3, 4, 5);
    assertEquals(3, interval.mean(), 1e-12);
    assertEquals(3 - 2.776445 * Math.sqrt(0.5), interval.low(), 1e-6);
    assertEquals(3 + 2.776445 * Math.sqrt(0.5), interval.high(), 1e-6);
    assertTrue(interval.isBeyondNoise());
  }

  @Test
  void pairsAreSharperThanTheirValues() {
    double[] before = {1, 5, 9, 13};
    double[] after = {1.1, 5.1, 9.2, 13.2};
    assertTrue(MeanInterval.ofDifferences(before, after).isBeyondNoise());
    assertEquals(0.15, MeanInterval.ofDifferences(before, after).mean(), 1e-12);
    assertFalse(MeanInterval.ofDifferences(after, before).low() > 0);
  }

  @Test
  void fewValuesKnowNothing() {
    assertTrue(Double.isNaN(MeanInterval.of().mean()));
    assertEquals(Double.POSITIVE_INFINITY, MeanInterval.of(7).high());
    assertFalse(MeanInterval.of(7).isBeyondNoise());
    assertThrows(IllegalArgumentException.class, () -> MeanInterval.of(1, Double.NaN));
    assertThrows(
        IllegalArgumentException.class,
        () -> MeanInterval.ofDifferences(new double[1], new double[2]));
  }
}
