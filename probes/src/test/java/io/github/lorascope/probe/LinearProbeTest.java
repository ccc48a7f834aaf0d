package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.Proportion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

class LinearProbeTest {
  private static final LinearProbe PROBE = LinearProbe.crossValidated(5);

  @Test
  void equalsScikitLearn() {
    ProbeData data = ProbeData.read();
    LinearProbe.Result result = PROBE.fit(data.x(), data.y());
    assertArrayEquals(data.coefficients(), result.coefficients(), 1e-4);
    assertEquals(data.intercept(), result.intercept(), 1e-4);
    assertArrayEquals(
        data.foldAccuracy(),
        result.folds().stream().mapToDouble(Proportion::accuracy).toArray(),
        1e-7); // stored in f32; one sample is 0.025
    assertEquals(
        Arrays.stream(data.foldAccuracy()).average().orElseThrow(), result.meanAccuracy(), 1e-7);
    assertEquals(200, result.accuracy().trials());
  }

  @Test
  void givesTheSameForAMatrixAndLeavesItAlone() {
    ProbeData data = ProbeData.read();
    try (var matrix = Nd4j.create(data.x());
        var before = matrix.dup()) {
      LinearProbe.Result result = PROBE.fit(matrix, data.y());
      assertEquals(PROBE.fit(data.x(), data.y()), result);
      assertEquals(before, matrix);
    }
  }

  /** At the minimum of a strictly convex function the gradient is 0; both forms must get there. */
  @ParameterizedTest
  @CsvSource({
    "120, 7, 1, 1",
    "120, 7, 1000, 1",
    "60, 300, 1, 1",
    "60, 300, 1000, 1",
    "60, 60, 1, 0.01",
    "61, 300, 0.001, 100"
  })
  void gradientVanishes(int n, int d, float size, double c) {
    float[][] x = new float[n][d];
    int[] y = new int[n];
    draw(x, y, size, 0.7f);
    LinearProbe.Result result = PROBE.c(c).fit(x, y);
    double[] gradient = result.coefficients();
    double interceptGradient = 0;
    for (int i = 0; i < n; i++) {
      double residual = c * (result.predictProbability(x[i]) - y[i]);
      interceptGradient += residual;
      for (int j = 0; j < d; j++) {
        gradient[j] += residual * x[i][j];
      }
    }
    for (double value : gradient) {
      assertEquals(0, value, 1e-6 * Math.max(1, size) * Math.max(1, c));
    }
    assertEquals(0, interceptGradient, 1e-6);
  }

  @Test
  void findsWhatIsThereAndNotWhatIsShuffled() {
    float[][] x = new float[400][64];
    int[] y = new int[400];
    draw(x, y, 1, 1);
    LinearProbe.Result result = PROBE.controlTask(3).fit(x, y);
    assertTrue(result.accuracy().low() > 0.7, result.accuracy()::toString);
    assertTrue(result.control().orElseThrow().high() < 0.65, result.control()::toString);
    assertEquals(
        result.accuracy().accuracy() - result.control().orElseThrow().accuracy(),
        result.selectivity().orElseThrow());
    assertEquals(result, PROBE.controlTask(3).fit(x, y), "the same seed gives the same result");
    assertTrue(PROBE.fit(x, y).selectivity().isEmpty());
  }

  /** Each sample comes twice: a probe of more features than samples knows the other one again. */
  @Test
  void groupsAreNotKnownAgain() {
    float[][] x = new float[160][];
    int[] y = new int[160];
    int[] groups = new int[160];
    Random random = new Random(5);
    for (int i = 0; i < 160; i++) {
      groups[i] = i % 80;
      x[i] = i < 80 ? new float[200] : x[i - 80];
      y[i] = i < 80 ? random.nextInt(2) : y[i - 80];
      for (int j = 0; j < 200 && i < 80; j++) {
        x[i][j] = (float) random.nextGaussian();
      }
    }
    LinearProbe.Result apart = PROBE.controlTask(1).fit(x, y);
    LinearProbe.Result together = PROBE.controlTask(1).fit(x, y, groups);
    assertTrue(apart.accuracy().low() > 0.9, apart.accuracy()::toString);
    assertEquals(0.5, together.accuracy().accuracy(), 0.12);
    assertEquals(160, together.accuracy().trials());
    assertEquals(apart.model(), together.model());
  }

  @Test
  void groupsOfOneChangeNothing() {
    ProbeData data = ProbeData.read();
    int[] alone = new int[data.y().length];
    Arrays.setAll(alone, i -> -i);
    assertEquals(PROBE.fit(data.x(), data.y()), PROBE.fit(data.x(), data.y(), alone));
  }

  @Test
  void pairsThatShareAPassageAreAGroup() {
    List<PairExample> pairs = new ArrayList<>();
    float[][] x = new float[40][3];
    int[] y = new int[40];
    draw(x, y, 1, 1);
    int[] groups = new int[40];
    for (int i = 0; i < 40; i++) {
      // Pair i + 20 has a passage of pair i on its other side.
      String a = i < 20 ? "a" + i : "other" + i;
      String b = i < 20 ? "b" + i : "a" + (i - 20);
      pairs.add(new PairExample("q" + i, a, b, y[i]));
      groups[i] = i % 20;
    }
    assertArrayEquals(groups, PassageGroups.of(pairs));
    assertEquals(PROBE.fit(x, y, groups), PROBE.fit(x, pairs));
    pairs.replaceAll(pair -> new PairExample("q", pair.a(), pair.b(), pair.label()));
    assertEquals(PROBE.fit(x, y), PROBE.fit(x, pairs), "one group cannot be dealt");
  }

  /** Features of a residual stream differ in size by orders of magnitude. */
  @Test
  void standardizingForgetsShiftAndScale() {
    float[][] x = new float[150][20];
    int[] y = new int[150];
    draw(x, y, 1, 1);
    float[][] moved = new float[150][20];
    for (int i = 0; i < 150; i++) {
      for (int j = 0; j < 20; j++) {
        moved[i][j] = x[i][j] * (1 << j) + 8;
      }
      moved[i][0] = 0.1f;
      x[i][0] = 0;
    }
    LinearProbe.Result plain = PROBE.standardize(true).fit(x, y);
    LinearProbe.Result result = PROBE.standardize(true).fit(moved, y);
    assertEquals(plain.folds(), result.folds());
    assertEquals(0, result.coefficients()[0], 1e-12, "a constant feature says nothing");
    for (int i = 0; i < 150; i++) {
      assertEquals(plain.predictProbability(x[i]), result.predictProbability(moved[i]), 1e-4);
    }
  }

  @Test
  void separatesWideStatesOfGreatSize() {
    float[][] x = new float[100][3072];
    int[] y = new int[100];
    draw(x, y, 500, 1);
    LinearProbe.Result result = PROBE.fit(x, y);
    for (int i = 0; i < 100; i++) {
      assertEquals(y[i], result.predictProbability(x[i]), 0.01);
    }
  }

  @Test
  void namesWhatIsWrong() {
    float[][] x = new float[20][3];
    int[] y = new int[20];
    draw(x, y, 1, 1);
    refused("label 1", x, new int[20]);
    refused("19 labels", x, new int[19]);
    refused("labels are 0 or 1", x, with(y, 4, 2));
    refused("too few for 5 folds", Arrays.copyOf(x, 8), new int[] {0, 0, 0, 0, 1, 1, 1, 1});
    float[][] ragged = x.clone();
    ragged[7] = new float[2];
    refused("sample 7 has 2", ragged, y);
    float[][] broken = x.clone();
    broken[6] = new float[] {0, Float.NaN, 0};
    refused("Feature 1 of sample 6 is NaN", broken, y);
    refused("no features", new float[20][0], y);
    refused("too few", new float[0][0], new int[0]);
    ProbeException large = assertThrows(ProbeException.class, () -> PROBE.fit(x, y, new int[20]));
    assertTrue(large.getMessage().contains("too few or too large"), large.getMessage());
    assertThrows(ProbeException.class, () -> PROBE.fit(x, y, new int[19]));
    assertThrows(ProbeException.class, () -> PROBE.fit(Nd4j.zeros(2, 2, 2), new int[] {0, 1}));
    assertThrows(IllegalArgumentException.class, () -> LinearProbe.crossValidated(1));
    assertThrows(IllegalArgumentException.class, () -> PROBE.c(0));
    assertThrows(IllegalArgumentException.class, () -> PROBE.c(Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> PROBE.fit(x, y).predictProbability(new float[4]));
  }

  private static void refused(String says, float[][] x, int[] y) {
    String message = assertThrows(ProbeException.class, () -> PROBE.fit(x, y)).getMessage();
    assertTrue(message.contains(says), message);
  }

  private static int[] with(int[] values, int at, int value) {
    int[] out = values.clone();
    out[at] = value;
    return out;
  }

  /** Labels alternate; each feature leans to its label's side by the signal over sqrt(d). */
  private static void draw(float[][] x, int[] y, float size, float signal) {
    Random random = new Random(11);
    for (int i = 0; i < x.length; i++) {
      y[i] = i % 2;
      for (int j = 0; j < x[i].length; j++) {
        double lean = (2 * y[i] - 1) * signal / Math.sqrt(x[i].length);
        x[i][j] = (float) (size * (random.nextGaussian() + lean));
      }
    }
  }
}
