package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ways to the gradient, whichever this processor takes, against the formula in double. */
class SoftmaxGradientTest {
  /** Relative to the largest number of a row, for sums of up to 67 products in float32. */
  private static final double TOLERANCE = 1e-5;

  /** The same where the result is rounded to 8 significant bits. */
  private static final double ROUNDED = TOLERANCE + 1 / 256.0;

  /** How a gradient is computed. */
  @FunctionalInterface
  private interface Way {
    void compute(Slot slot, HeadMatrices p, HeadMatrices d, HeadMatrices dx);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 64", "3, 16, 67"})
  void bothWaysGiveTheFormula(int heads, int rows, int columns) {
    matches(SoftmaxGradient::byLine, heads, rows, columns, false);
    matches(SoftmaxGradient::byLine, heads, rows, columns, true);
    matches(SoftmaxGradient::byPrimitive, heads, rows, columns, false);
    matches(SoftmaxGradient::byPrimitive, heads, rows, columns, true);
    matches(SoftmaxGradient::run, heads, rows, columns, true);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 64", "3, 16, 67"})
  void lineByLineTheResultMayBeInBfloat16(int heads, int rows, int columns) {
    Way rounded =
        (slot, p, d, dx) -> {
          HeadMatrices narrow = HeadMatrices.in(slot, dnnl_bf16, heads, rows, columns);
          SoftmaxGradient.byLine(slot, p, d, narrow);
          dx.take(slot, narrow);
        };
    matches(rounded, heads, rows, columns, false, ROUNDED);
  }

  private static void matches(Way way, int heads, int rows, int columns, boolean inPlace) {
    matches(way, heads, rows, columns, inPlace, TOLERANCE);
  }

  private static void matches(
      Way way, int heads, int rows, int columns, boolean inPlace, double tolerance) {
    OneDnnLibrary library = OneDnnLibrary.get();
    MemoryAccount account = new MemoryAccount("test", Long.MAX_VALUE);
    long each = HeadMatrices.scratch(dnnl_f32, heads, rows, columns);
    try (NativePool pool = new NativePool(account, false);
        Workers workers =
            new Workers(new Slot[] {new Slot(library.engine())}, pool, library.openMp())) {
      workers.run(
          1,
          4 * each,
          (slot, task) -> {
            HeadMatrices p = HeadMatrices.in(slot, dnnl_f32, heads, rows, columns);
            HeadMatrices d = HeadMatrices.in(slot, dnnl_f32, heads, rows, columns);
            HeadMatrices dx = inPlace ? d : HeadMatrices.in(slot, dnnl_f32, heads, rows, columns);
            double[][] expected = fill(p.matrix(), d.matrix());
            way.compute(slot, p, d, dx);
            check(expected, dx.matrix(), tolerance);
          });
    }
  }

  /**
   * Fills a softmax and a gradient by it, and returns the gradient by what it is the softmax of.
   */
  private static double[][] fill(Tensor p, Tensor d) {
    Random random = new Random(7);
    double[][] expected = new double[p.rows()][p.columns()];
    for (int row = 0; row < p.rows(); row++) {
      int seen = 1 + random.nextInt(p.columns()); // the rest is hidden: zero
      double total = 0;
      for (int i = 0; i < p.columns(); i++) {
        p.set(row, i, i < seen ? Math.exp(random.nextGaussian()) : 0);
        d.set(row, i, random.nextGaussian());
        total += p.get(row, i);
      }
      double sum = 0;
      for (int i = 0; i < p.columns(); i++) {
        p.set(row, i, p.get(row, i) / total);
        sum += p.get(row, i) * d.get(row, i);
      }
      for (int i = 0; i < p.columns(); i++) {
        expected[row][i] = p.get(row, i) * (d.get(row, i) - sum);
      }
    }
    return expected;
  }

  private static void check(double[][] expected, Tensor actual, double tolerance) {
    boolean any = false;
    for (int row = 0; row < expected.length; row++) {
      double largest = 1e-3;
      for (double value : expected[row]) {
        largest = Math.max(largest, Math.abs(value));
        any |= value != 0;
      }
      for (int i = 0; i < expected[row].length; i++) {
        assertEquals(expected[row][i], actual.get(row, i), tolerance * largest, row + ", " + i);
      }
    }
    assertTrue(any || actual.columns() == 1, "all of it is zero");
  }
}
