package io.github.lorascope.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * A Reference backend in double precision with random inputs, all drawn from one seed, and the
 * comparison of a gradient with central differences. Every tensor is a view into a wider one that
 * holds NaN elsewhere, so that a wrong stride shows.
 */
final class Experiment implements AutoCloseable {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-7;

  final ReferenceBackend backend =
      new ReferenceBackend(new DoublePool(new MemoryAccount("double", Long.MAX_VALUE)));
  private final MemoryScope scope = backend.scope("experiment");
  private final Random random;
  private final long seed;

  Experiment(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** A whole number from low to high, both included. */
  int number(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  /** A tensor that holds NaN. */
  Tensor empty(int rows, int columns) {
    int left = number(0, 2);
    int right = number(0, 2);
    return scope
        .tensor(rows + 2, left + columns + right)
        .rows(1, rows + 1)
        .columns(left, left + columns);
  }

  /** A tensor of normally distributed numbers. */
  Tensor normal(int rows, int columns) {
    Tensor tensor = empty(rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        tensor.set(row, column, random.nextGaussian());
      }
    }
    return tensor;
  }

  /** A weight of normally distributed numbers. */
  BackendWeight weight(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return backend.prepare(new ArrayWeight(values, rows, columns), Precision.F32, scope);
  }

  /** Holds a gradient that overwrites against central differences of the loss. */
  void check(String name, DoubleSupplier loss, Tensor x, Tensor gradient) {
    check(name, loss, x, new double[x.rows()][x.columns()], gradient);
  }

  /** Holds a gradient that was added to what was there before. */
  void check(String name, DoubleSupplier loss, Tensor x, double[][] before, Tensor gradient) {
    double error = 0;
    double norm = 0;
    for (int row = 0; row < x.rows(); row++) {
      for (int column = 0; column < x.columns(); column++) {
        double expected = centralDifference(loss, x, row, column);
        double actual = gradient.get(row, column) - before[row][column];
        error += (actual - expected) * (actual - expected);
        norm += expected * expected;
      }
    }
    double relative = Math.sqrt(error) / Math.max(Math.sqrt(norm), 0.1);
    assertTrue(
        relative <= TOLERANCE,
        () -> name + " is off by " + relative + " of its norm; -Dseed=" + seed + " repeats it");
  }

  void same(String name, double[][] expected, Tensor actual, double tolerance) {
    for (int row = 0; row < expected.length; row++) {
      for (int column = 0; column < expected[row].length; column++) {
        assertEquals(
            expected[row][column],
            actual.get(row, column),
            tolerance,
            name + "[" + row + ", " + column + "]; -Dseed=" + seed + " repeats it");
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }

  private static double centralDifference(DoubleSupplier loss, Tensor x, int row, int column) {
    double value = x.get(row, column);
    x.set(row, column, value + STEP);
    double above = loss.getAsDouble();
    x.set(row, column, value - STEP);
    double below = loss.getAsDouble();
    x.set(row, column, value);
    return (above - below) / (2 * STEP);
  }
}
