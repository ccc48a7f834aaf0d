package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class CkaTest {
  /** Of one feature each it is the squared correlation, here 0.8. */
  @Test
  void isTheSquaredCorrelationOfSingleFeatures() {
    float[][] a = {{1}, {2}, {3}, {4}};
    float[][] b = {{1}, {3}, {2}, {4}};
    assertEquals(0.64, Cka.linear(a, b), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"60, 8", "8, 60"})
  void forgetsRotationScaleAndShift(int n, int d) {
    float[][] a = draw(n, d, 1);
    float[][] b = new float[n][];
    for (int i = 0; i < n; i++) {
      b[i] = reflected(a[i]);
      for (int j = 0; j < d; j++) {
        b[i][j] = 3.7f * b[i][j] + j;
      }
    }
    assertEquals(1, Cka.linear(a, a), 1e-12);
    assertEquals(1, Cka.linear(a, b), 1e-6);
    assertEquals(Cka.linear(draw(n, d, 2), a), Cka.linear(draw(n, d, 2), b), 1e-6);
  }

  @Test
  void seesThatDirectionsWereStretched() {
    float[][] a = draw(500, 4, 1);
    float[][] b = new float[500][];
    for (int i = 0; i < 500; i++) {
      b[i] = a[i].clone();
      b[i][0] *= 3;
    }
    // Of uncorrelated features of equal variance: 12 / (sqrt(4) * sqrt(81 + 3)).
    assertEquals(12 / (2 * Math.sqrt(84)), Cka.linear(a, b), 0.03);
    assertTrue(Cka.linear(a, draw(500, 4, 2)) < 0.05);
  }

  @Test
  void bothFormsAgree() {
    CentredSamples a = CentredSamples.of(draw(30, 12, 1));
    CentredSamples b = CentredSamples.of(draw(30, 50, 1));
    try (INDArray x = Cka.matrix(a);
        INDArray y = Cka.matrix(b)) {
      double byExamples = Cka.byExamples(x, y);
      assertTrue(byExamples > 0.1 && byExamples < 0.99, "" + byExamples);
      assertEquals(byExamples, Cka.byFeatures(x, y), 1e-12);
    }
    assertEquals(
        Cka.linear(draw(30, 50, 1), draw(30, 12, 1)),
        Cka.linear(draw(30, 12, 1), draw(30, 50, 1)),
        1e-12);
  }

  @Test
  void saysNothingOfStatesThatAreAllEqual() {
    float[][] same = new float[6][3];
    for (float[] row : same) {
      Arrays.fill(row, 0.1f);
    }
    assertEquals(Double.NaN, Cka.linear(same, draw(6, 3, 1)));
    assertEquals(Double.NaN, Cka.linear(draw(6, 3, 1), same));
  }

  @Test
  void refusesStatesOfOtherExamples() {
    assertThrows(ProbeException.class, () -> Cka.linear(draw(6, 3, 1), draw(7, 3, 1)));
    assertThrows(ProbeException.class, () -> Cka.linear(draw(1, 3, 1), draw(1, 3, 1)));
  }

  /** A reflection: orthogonal, so as good as a rotation. */
  private static float[] reflected(float[] x) {
    double along = 0;
    double length = 0;
    for (int j = 0; j < x.length; j++) {
      along += x[j] * (j + 1);
      length += (j + 1) * (j + 1);
    }
    float[] out = new float[x.length];
    for (int j = 0; j < x.length; j++) {
      out[j] = (float) (x[j] - 2 * along / length * (j + 1));
    }
    return out;
  }

  private static float[][] draw(int n, int d, long seed) {
    Random random = new Random(seed);
    float[][] x = new float[n][d];
    for (float[] row : x) {
      for (int j = 0; j < d; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return x;
  }
}
