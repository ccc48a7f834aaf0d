package io.github.lorascope.curve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CurveAnalysisTest {
  private static final double LN2 = Math.log(2);

  private static double[] steps(int count) {
    return IntStream.rangeClosed(1, count).asDoubleStream().toArray();
  }

  /** A mean with normal noise; the step is the place + 1. */
  private static double[] noisy(int count, long seed, IntToDoubleFunction mean, double deviation) {
    Random random = new Random(seed);
    return IntStream.range(0, count)
        .mapToDouble(i -> mean.applyAsDouble(i) + deviation * random.nextGaussian())
        .toArray();
  }

  private static List<ChangePoint> changes(double... values) {
    return CurveAnalysis.standard().analyse("x", steps(values.length), values).changePoints();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 50, 200, 1000})
  void pureNoiseHasNoChange(int count) {
    int found = 0;
    for (int seed = 0; seed < 100; seed++) {
      found += changes(noisy(count, seed, i -> 3, 0.2)).isEmpty() ? 0 : 1;
    }
    assertTrue(found <= (count < 100 ? 5 : 0), found + " of 100 series without a change have one");
  }

  @Test
  void oneChangeIsFoundWhereItIs() {
    for (int seed = 0; seed < 50; seed++) {
      List<ChangePoint> found = changes(noisy(200, seed, i -> i < 80 ? 0.7 : 0.4, 0.1));
      assertEquals(1, found.size(), "seed " + seed);
      ChangePoint change = found.get(0);
      assertEquals(81, change.step(), 3, "seed " + seed);
      assertEquals(0.7, change.before(), 0.05);
      assertEquals(0.4, change.after(), 0.05);
      assertEquals(change.after() - change.before(), change.size());
    }
  }

  @Test
  void threeChangesAreFoundWhereTheyAre() {
    IntToDoubleFunction mean = i -> i < 100 ? 1 : i < 250 ? 0.2 : i < 300 ? 0.8 : 0.5;
    for (int seed = 0; seed < 50; seed++) {
      List<ChangePoint> found = changes(noisy(500, seed, mean, 0.1));
      assertEquals(3, found.size(), "seed " + seed);
      assertEquals(101, found.get(0).step(), 3);
      assertEquals(251, found.get(1).step(), 3);
      assertEquals(301, found.get(2).step(), 5);
      assertEquals(-0.8, found.get(0).size(), 0.05);
      assertEquals(0.6, found.get(1).size(), 0.05);
      assertEquals(-0.3, found.get(2).size(), 0.07);
    }
  }

  @Test
  void changesWithoutNoiseAreExact() {
    double[] values = new double[40];
    Arrays.fill(values, 0, 15, 2);
    Arrays.fill(values, 15, 40, 5);
    assertEquals(List.of(new ChangePoint(16, 2, 5)), changes(values));
  }

  @Test
  void noiseThatGrowsIsNoChange() {
    int found = 0;
    for (int seed = 0; seed < 50; seed++) {
      double[] values = noisy(600, seed, i -> 0, 1);
      for (int i = 0; i < 400; i++) {
        values[i] *= 0.1;
      }
      found += changes(values).size();
    }
    assertTrue(found <= 1, found + " change points in 50 series whose mean stays");
  }

  /** The article's: 300 steps at ln 2, then a fall within some 30 steps. */
  @Test
  void aPlateauAndItsCliff() {
    IntToDoubleFunction mean = i -> i < 300 ? LN2 : 0.3 + (LN2 - 0.3) * Math.exp(-(i - 300) / 10.0);
    for (int seed = 0; seed < 20; seed++) {
      double[] values = noisy(1000, seed, mean, 0.03);
      Curve curve = CurveAnalysis.ofLoss().analyse("loss", steps(1000), values);
      Plateau plateau = curve.plateau().orElseThrow();
      assertEquals(1, plateau.from());
      assertEquals(300, plateau.to(), 12);
      assertEquals(plateau.to(), plateau.steps());
      assertEquals(LN2, plateau.level());
      assertEquals(301, curve.changePoints().get(0).step(), 10);
      assertTrue(curve.changePoints().stream().allMatch(c -> c.step() < 370 && c.size() < 0));
      Steepest steepest = curve.steepest().orElseThrow();
      assertEquals(305, steepest.step(), 15);
      // The curve's own steepest slope is -0.039; a window of 51 steps flattens it.
      assertTrue(steepest.slope() < -0.01 && steepest.slope() > -0.039, steepest.toString());
    }
  }

  @Test
  void aRampIsAStaircaseOfOneSign() {
    double[] values = noisy(400, 1, i -> Math.max(0, Math.min(1, (i - 100) / 200.0)), 0.02);
    List<ChangePoint> found = changes(values);
    assertTrue(found.size() >= 3, found.toString());
    assertTrue(found.stream().allMatch(c -> c.size() > 0 && c.step() > 100 && c.step() < 305));
  }

  @Test
  void aCurveThatNeverComesNearHasNoPlateau() {
    Curve curve =
        CurveAnalysis.standard().near(LN2, 0.05).analyse("x", steps(50), noisy(50, 1, i -> 3, 0.1));
    assertEquals(Optional.empty(), curve.plateau());
  }

  @Test
  void thePlateauIsTheLongestStretchInSteps() {
    double[] steps = new double[36];
    double[] values = new double[36];
    for (int i = 0; i < 36; i++) {
      steps[i] = i < 24 ? i + 1 : 100 * (i - 23);
      values[i] = i < 20 || i >= 24 ? 0 : 9;
    }
    CurveAnalysis near = CurveAnalysis.standard().window(3).near(0, 0.01);
    Curve curve = near.analyse("x", steps, values);
    assertEquals(Optional.of(new Plateau(200, 1200, 0, 0)), curve.plateau());
    assertEquals(
        Optional.of(new Plateau(1, 19, 0, 0)),
        near.analyse("x", steps(24), Arrays.copyOf(values, 24)).plateau());
  }

  /** From 1.0 to 0.4 in a straight line: the loss of guessing is on its way. */
  @Test
  void aCurveThatPassesThroughHasNoPlateau() {
    for (int count : new int[] {60, 200, 1000}) {
      double[] straight = noisy(count, 1, i -> 1 - 0.6 * i / count, 0);
      assertEquals(
          Optional.empty(),
          CurveAnalysis.ofLoss().analyse("loss", steps(count), straight).plateau());
    }
    int found = 0;
    for (int seed = 0; seed < 50; seed++) {
      double[] rough = noisy(400, seed, i -> 0.4 + 0.6 * i / 400, 0.05);
      found +=
          CurveAnalysis.ofLoss().analyse("loss", steps(400), rough).plateau().isPresent() ? 1 : 0;
    }
    assertTrue(found <= 5, found + " of 50 lines that pass through have a plateau");
  }

  @Test
  void straightLinesStayStraight() {
    double[] steps = {1, 2, 4, 5, 9, 10, 12, 20, 21, 22};
    double[] values = Arrays.stream(steps).map(s -> 3 - 0.5 * s).toArray();
    assertArrayEquals(
        values, CurveAnalysis.standard().smooth(new StepSeries(steps, values)), 1e-12);
    Steepest steepest =
        CurveAnalysis.standard().analyse("x", steps, values).steepest().orElseThrow();
    assertEquals(-0.5, steepest.slope(), 1e-12);
    double[] rising = Arrays.stream(steps).map(s -> 3 + 0.25 * s).toArray();
    assertEquals(
        0.25,
        CurveAnalysis.standard().analyse("x", steps, rising).steepest().orElseThrow().slope(),
        1e-12);
  }

  @Test
  void gapsAreLeftOut() {
    double[] values = noisy(200, 7, i -> i < 80 ? 0.7 : 0.4, 0.1);
    for (int i = 0; i < 200; i += 9) {
      values[i] = i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
    }
    Arrays.fill(values, 120, 150, Double.NaN);
    List<ChangePoint> found = changes(values);
    assertEquals(1, found.size());
    assertEquals(81, found.get(0).step(), 3);
    double[] smooth = CurveAnalysis.standard().smooth(new StepSeries(steps(200), values));
    for (int i = 0; i < 200; i++) {
      assertEquals(Double.isFinite(values[i]), Double.isFinite(smooth[i]), "place " + i);
    }
  }

  @Test
  void aConstantIsAllPlateau() {
    double[] values = new double[100];
    Arrays.fill(values, LN2);
    Curve curve = CurveAnalysis.ofLoss().analyse("loss", steps(100), values);
    assertEquals(
        new Curve("loss", Optional.of(new Plateau(1, 100, LN2, LN2)), List.of(), Optional.empty()),
        curve);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 9})
  void aShortSeriesHasNeitherPlateauNorChangePoints(int count) {
    double[] values = IntStream.range(0, count).mapToDouble(i -> i < 2 ? 1 : 0).toArray();
    Curve curve = CurveAnalysis.standard().near(1, 2).analyse("x", steps(count), values);
    assertEquals(List.of(), curve.changePoints());
    assertEquals(Optional.empty(), curve.plateau());
    assertEquals(count >= 5, curve.steepest().isPresent());
  }

  @Test
  void tenThousandPointsAreAnalysed() {
    double[] values = noisy(10_000, 3, i -> i < 6000 ? 0.7 : 0.6, 0.1);
    List<ChangePoint> found = changes(values);
    assertEquals(1, found.size());
    assertEquals(6001, found.get(0).step(), 20);
  }

  @Test
  void whatIsNoSeriesIsRefused() {
    refused("steps", new double[] {1, 2}, new double[] {1});
    refused("ascend", new double[] {1, 1}, new double[] {1, 2});
    refused("ascend", new double[] {1, Double.NaN}, new double[] {1, 2});
    assertThrows(IllegalArgumentException.class, () -> CurveAnalysis.standard().window(4));
    assertThrows(IllegalArgumentException.class, () -> CurveAnalysis.standard().penalty(0));
    assertThrows(IllegalArgumentException.class, () -> CurveAnalysis.standard().shortestSegment(1));
    assertThrows(IllegalArgumentException.class, () -> CurveAnalysis.standard().near(0, -1));
  }

  private static void refused(String part, double[] steps, double[] values) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> CurveAnalysis.standard().analyse("x", steps, values))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
