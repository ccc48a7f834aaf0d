package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.checkpoint.SafetensorsFile;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcaTest {
  private static final int GOLDEN_COMPONENTS = 4;

  @Test
  void equalsScikitLearnUpToSign() {
    float[][] x = ProbeData.read().x();
    SafetensorsFile file = ProbeData.file();
    Pca pca = Pca.fit(x, GOLDEN_COMPONENTS);
    float[] components = file.floats("pca_components");
    float[] ratio = file.floats("pca_explained_variance_ratio");
    float[] projection = file.floats("pca_projection_abs");
    float[][] projected = pca.project(x);
    int features = x[0].length;
    for (int c = 0; c < GOLDEN_COMPONENTS; c++) {
      assertEquals(ratio[c], pca.explainedVarianceRatio()[c], 1e-6);
      double[] ours = pca.components()[c];
      double sign = Math.signum(ours[0] * components[c * features]);
      for (int j = 0; j < features; j++) {
        assertEquals(components[c * features + j], sign * ours[j], 1e-5);
      }
      for (int i = 0; i < x.length; i++) {
        assertEquals(projection[i * GOLDEN_COMPONENTS + c], Math.abs(projected[i][c]), 1e-4);
      }
    }
  }

  @Test
  void findsTheLineThatPointsLieOn() {
    float[][] x = {{1, 5, 2}, {2, 5, 4}, {4, 5, 8}, {7, 5, 14}};
    Pca pca = Pca.fit(x, 2);
    double root = Math.sqrt(5);
    assertArrayEquals(new double[] {1 / root, 0, 2 / root}, pca.components()[0], 1e-12);
    assertArrayEquals(new double[] {1, 0}, pca.explainedVarianceRatio(), 1e-12);
    assertArrayEquals(new double[] {3.5, 5, 7}, pca.mean(), 1e-12);
    assertEquals(-2.5 * root, pca.project(x)[0][0], 1e-6);
    assertEquals(3.5 * root, pca.project(x)[3][0], 1e-6);
    assertEquals(0, pca.project(new float[][] {{3.5f, 5, 7}})[0][0], 1e-12);
  }

  @Test
  void noComponentExplainsMoreThanAll() {
    Random random = new Random(1);
    for (int draw = 0; draw < 100; draw++) {
      float[][] line = new float[10][];
      for (int i = 0; i < line.length; i++) {
        float at = (float) random.nextGaussian();
        line[i] = new float[] {at, 2 * at, -at};
      }
      double explained = Pca.fit(line, 1).explainedVarianceRatio()[0];
      assertEquals(1, explained, 1e-6);
      assertTrue(explained <= 1, explained + " of 1");
    }
  }

  /** All components together are a rotation: no distance between samples changes. */
  @ParameterizedTest
  @CsvSource({"6, 40", "40, 6", "9, 9"})
  void keepsEveryDistanceWithAllComponents(int n, int d) {
    float[][] x = draw(n, d);
    for (float[] row : x) {
      row[2] = 1e3f; // constant
    }
    Pca pca = Pca.fit(x, Math.min(n, d));
    assertEquals(1, Arrays.stream(pca.explainedVarianceRatio()).sum(), 1e-12);
    for (int c = 1; c < Math.min(n, d); c++) {
      assertTrue(pca.explainedVarianceRatio()[c] <= pca.explainedVarianceRatio()[c - 1]);
    }
    assertEquals(0, pca.components()[0][2], 1e-12);
    float[][] projected = pca.project(x);
    for (int i = 1; i < n; i++) {
      assertEquals(distance(x[0], x[i]), distance(projected[0], projected[i]), 1e-5);
    }
  }

  @Test
  void largestNumberOfAComponentIsPositive() {
    for (double[] component : Pca.fit(draw(30, 8), 8).components()) {
      double max = Arrays.stream(component).max().orElseThrow();
      double min = Arrays.stream(component).min().orElseThrow();
      assertTrue(max >= -min, Arrays.toString(component));
    }
  }

  @Test
  void explainsNothingWhereNothingVaries() {
    float[][] x = new float[5][3];
    for (float[] row : x) {
      Arrays.fill(row, 0.1f);
    }
    Pca pca = Pca.fit(x, 2);
    assertArrayEquals(new double[] {0, 0}, pca.explainedVarianceRatio());
    assertArrayEquals(new float[] {0, 0}, pca.project(x)[3]);
  }

  @Test
  void namesWhatIsWrong() {
    float[][] x = draw(5, 3);
    assertThrows(IllegalArgumentException.class, () -> Pca.fit(x, 0));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Pca.fit(x, 4))
            .getMessage()
            .contains("ask for 1 to 3"));
    assertThrows(ProbeException.class, () -> Pca.fit(Arrays.copyOf(x, 1), 1));
    assertThrows(
        IllegalArgumentException.class, () -> Pca.fit(x, 1).project(new float[][] {{1, 2}}));
    x[4][1] = Float.POSITIVE_INFINITY;
    assertTrue(
        assertThrows(ProbeException.class, () -> Pca.fit(x, 1))
            .getMessage()
            .contains("Feature 1 of sample 4"));
  }

  private static float[][] draw(int n, int d) {
    Random random = new Random(7);
    float[][] x = new float[n][d];
    for (float[] row : x) {
      for (int j = 0; j < d; j++) {
        row[j] = (float) (random.nextGaussian() * (1 + j % 3));
      }
    }
    return x;
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += ((double) a[j] - b[j]) * ((double) a[j] - b[j]);
    }
    return Math.sqrt(sum);
  }
}
