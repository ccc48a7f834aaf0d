package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.metric.MeanInterval;
import java.util.Random;
import org.apache.commons.statistics.distribution.TDistribution;
import org.junit.jupiter.api.Test;

class CrossedMeanTest {
  @Test
  void oneSeedIsTheIntervalOverItems() {
    double[] values = {1, 0, 1, 1, -1, 0, 0.5};
    MeanInterval expected = MeanInterval.of(values);
    CrossedMean actual = CrossedMean.of(new double[][] {values});
    assertEquals(expected.mean(), actual.mean(), 1e-15);
    assertEquals(expected.low(), actual.low(), 1e-12);
    assertEquals(expected.high(), actual.high(), 1e-12);
    assertEquals(1, actual.seeds());
    assertEquals(7, actual.items());
  }

  /** By hand: the items' means are 1, 3, 5, 7 and the seeds' 3, 5, whatever the rest does. */
  @Test
  void theMeanSquaresAreAddedUp() {
    double[][] values = {{1, 1, 4, 6}, {1, 5, 6, 8}};
    double items = 2 * 20.0 / 3;
    double seeds = 4 * 2.0;
    double error = Math.sqrt((items + seeds) / 8);
    TDistribution student =
        TDistribution.of(Math.pow(items + seeds, 2) / (items * items / 3 + seeds * seeds));
    CrossedMean mean = CrossedMean.of(values);
    assertEquals(4, mean.mean(), 1e-15);
    assertEquals(mean.high() - 4, 4 - mean.low(), 1e-12);
    assertEquals(0.975, student.cumulativeProbability((mean.high() - 4) / error), 1e-9);
    assertEquals(2 * student.cumulativeProbability(-4 / error), mean.p(), 1e-12);
  }

  /** Seeds shift all items together, items are hard or easy for all seeds. */
  private static double coverage(double ofSeeds, double ofItems, double rest) {
    Random random = new Random(11);
    int trials = 1000;
    int covered = 0;
    for (int trial = 0; trial < trials; trial++) {
      double[][] values = new double[3][60];
      double[] items = random.doubles(60, -1, 1).map(x -> x * ofItems).toArray();
      for (double[] seed : values) {
        double shift = ofSeeds * random.nextGaussian();
        for (int i = 0; i < seed.length; i++) {
          seed[i] = 0.3 + shift + items[i] + rest * random.nextGaussian();
        }
      }
      CrossedMean mean = CrossedMean.of(values);
      covered += mean.low() <= 0.3 && 0.3 <= mean.high() ? 1 : 0;
      assertEquals(mean.low() > 0 || mean.high() < 0, mean.p() < 0.05);
    }
    return (double) covered / trials;
  }

  @Test
  void theIntervalHoldsWhateverVaries() {
    assertEquals(0.93, coverage(0.2, 0.5, 0.5), 0.03);
    assertEquals(0.96, coverage(0.05, 0.5, 0.5), 0.03);
    assertEquals(0.95, coverage(0.5, 0, 0.1), 0.03);
    assertEquals(0.95, coverage(0, 1, 0.1), 0.03);
    // Where nothing but the rest varies it is wide rather than narrow.
    assertEquals(0.985, coverage(0, 0, 1), 0.015);
  }

  @Test
  void valuesThatDoNotVaryAreJudgedByTheirNumber() {
    CrossedMean none = CrossedMean.of(new double[2][5]);
    assertEquals(new CrossedMean(0, 0, 0, 1, 2, 5), none);
    CrossedMean ones = CrossedMean.of(new double[][] {{1, 1, 1}, {1, 1, 1}});
    assertEquals(new CrossedMean(1, 1, 1, 0.25, 2, 3), ones);
    double[] six = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1}; // whose mean is rounded
    assertEquals(1 / 32.0, CrossedMean.of(new double[][] {six}).p());
    assertEquals(1 / 32.0, CrossedMean.of(new double[][] {six, six, six}).p());
  }

  @Test
  void theIntervalIsCutToWhatCanBe() {
    CrossedMean mean = CrossedMean.of(new double[][] {{1, 0, 1}, {1, 1, 1}}).within(0, 1);
    assertTrue(mean.low() >= 0);
    assertEquals(1, mean.high());
    assertEquals(5 / 6.0, mean.mean(), 1e-15);
  }

  @Test
  void whatIsNoTableIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> CrossedMean.of(new double[0][0]));
    assertThrows(IllegalArgumentException.class, () -> CrossedMean.of(new double[3][1]));
    assertThrows(
        IllegalArgumentException.class, () -> CrossedMean.of(new double[][] {{1, 2}, {1}}));
  }
}
