package io.github.lorascope.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {
  private static double[] normal(int n, double mean, long seed) {
    Random random = new Random(seed);
    return random.doubles(n).map(ignored -> mean + random.nextGaussian()).toArray();
  }

  /** Of the eight signs of 1, 2 and 3, the sum is 6 or -6 for two, 4 or more away for four. */
  @Test
  void fewPairsAreTestedExactly() {
    double[] zero = {0, 0, 0};
    assertEquals(0.25, PairedDifference.of(new double[] {1, 2, 3}, zero, 0).probability());
    assertEquals(0.5, PairedDifference.of(new double[] {-1, 2, 3}, zero, 0).probability());
    assertEquals(1, PairedDifference.of(zero, zero, 0).probability());
  }

  /** Large numbers of pairs behave as the normal distribution tells. */
  @Test
  void manyPairsAgreeWithTheNormalDistribution() {
    double[] first = normal(400, 0.1, 1);
    double[] second = new double[400];
    MeanInterval student = MeanInterval.of(first);
    PairedDifference drawn = PairedDifference.of(first, second, 3);
    assertEquals(student.mean(), drawn.difference(), 1e-12);
    assertEquals(student.low(), drawn.low(), 0.01);
    assertEquals(student.high(), drawn.high(), 0.01);
    double z = student.mean() / ((student.high() - student.low()) / 2 / 1.9659);
    double normal = 2 * (1 - phi(Math.abs(z)));
    assertEquals(normal, drawn.probability(), 0.02);
  }

  /** The normal distribution's share below z, by adding up its density. */
  private static double phi(double z) {
    double sum = 0.5;
    int steps = 10_000;
    for (int i = 0; i < steps; i++) {
      double x = z * (i + 0.5) / steps;
      sum += Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * z / steps;
    }
    return sum;
  }

  /** Under no difference, p below 0.1 comes in a tenth of the trials: 20 of 200, deviation 4.2. */
  @Test
  void withoutADifferenceTheProbabilityIsUniform() {
    int small = 0;
    for (int trial = 0; trial < 200; trial++) {
      double[] first = normal(20, 0, 2L * trial);
      double[] second = normal(20, 0, 2L * trial + 1);
      small += PairedDifference.of(first, second, trial).probability() < 0.1 ? 1 : 0;
    }
    assertEquals(20, small, 4 * 4.2);
  }

  @Test
  void theSeedChoosesTheDraws() {
    double[] first = normal(100, 0.2, 1);
    double[] second = normal(100, 0, 2);
    assertEquals(PairedDifference.of(first, second, 1), PairedDifference.of(first, second, 1));
    assertNotEquals(
        PairedDifference.of(first, second, 1).low(), PairedDifference.of(first, second, 2).low());
    PairedDifference turned = PairedDifference.of(second, first, 1);
    assertEquals(-PairedDifference.of(first, second, 1).difference(), turned.difference(), 1e-15);
    assertTrue(turned.low() < turned.difference() && turned.difference() < turned.high());
  }

  /** By powers of two, which round nothing; 0.1 + 0.2 - 0.3 is not 0 but for rounding. */
  @Test
  void theProbabilityDoesNotDependOnTheUnit() {
    for (double unit : new double[] {0x1p-60, 1, 0x1p60}) {
      double[] few = {0.1 * unit, 0.2 * unit, 0.3 * unit, 0.6 * unit};
      assertEquals(0.125, PairedDifference.of(few, new double[4], 0).probability());
      double[] cancelling = {0.1 * unit, 0.2 * unit, -0.3 * unit};
      assertEquals(1, PairedDifference.of(cancelling, new double[3], 0).probability());
      double[] many = new double[20];
      Arrays.fill(many, unit);
      assertEquals(1e-4, PairedDifference.of(many, new double[20], 0).probability(), 2e-4);
    }
  }

  @Test
  void pairsThatDifferByRoundingAreEqual() {
    double[] first = new double[20];
    double[] second = new double[20];
    Arrays.fill(first, 0.1 + 0.2);
    Arrays.fill(second, 0.3);
    assertEquals(new PairedDifference(0, 0, 0, 1, 20), PairedDifference.of(first, second, 0));
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (int n : new int[] {2, 20}) {
        double[] first = new double[n];
        first[1] = bad;
        String message =
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PairedDifference.of(first, new double[n], 0))
                .getMessage();
        assertEquals("a difference of " + bad + " has no mean", message);
      }
    }
    double[] large = {Double.MAX_VALUE, -Double.MAX_VALUE};
    assertThrows(
        IllegalArgumentException.class, () -> PairedDifference.of(large, new double[2], 0));
  }

  @Test
  void aLargeDifferenceIsNeverImpossible() {
    double[] first = normal(100, 5, 1);
    assertEquals(1e-4, PairedDifference.of(first, new double[100], 0).probability(), 1e-15);
    assertThrows(
        IllegalArgumentException.class, () -> PairedDifference.of(first, new double[99], 0));
    assertThrows(
        IllegalArgumentException.class, () -> PairedDifference.of(new double[0], new double[0], 0));
  }
}
