package io.github.lorascope.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One run of an operation on one backend, with inputs drawn from a seed, so that a run on another
 * backend has the same. Every tensor is a view into a wider one that holds NaN elsewhere, so that a
 * wrong stride shows, in the result or in what surrounds it.
 */
public final class Trial implements AutoCloseable {
  private static final int MARGIN = 3;

  private final Backend backend;
  private final Precision precision;
  private final boolean rounded;
  private final MemoryScope scope;
  private final Random random;
  private final List<Result> results = new ArrayList<>();
  private final List<Tensor> surroundings = new ArrayList<>();

  /** An operation with its inputs. */
  @FunctionalInterface
  public interface Operation {
    /** Runs it on the trial's backend and keeps its results. */
    void run(Trial trial);
  }

  private record Result(String name, int rows, int columns, double[] values) {}

  private record ArrayWeight(float[] values, int rows, int columns) implements Weight {
    @Override
    public String name() {
      return "random";
    }

    @Override
    public WeightForm form() {
      return WeightForm.F32;
    }

    @Override
    public long bytes() {
      return 4L * values.length;
    }

    @Override
    public void read(int from, int to, float[] target, int offset) {
      System.arraycopy(values, from * columns, target, offset, (to - from) * columns);
    }
  }

  /** Starts a trial whose tensors are all float32. */
  public Trial(Backend backend, Precision precision, long seed) {
    this(backend, precision, false, seed);
  }

  /** Starts a trial; rounded, what passes between the operations of a layer is bfloat16. */
  public Trial(Backend backend, Precision precision, boolean rounded, long seed) {
    this.backend = backend;
    this.precision = precision;
    this.rounded = rounded;
    this.scope = backend.scope("trial");
    this.random = new Random(seed);
  }

  /** Returns the backend on trial. */
  public Backend backend() {
    return backend;
  }

  /** Draws a whole number from 0 to below a bound. */
  public int number(int bound) {
    return random.nextInt(bound);
  }

  /** Makes a tensor that holds NaN. */
  public Tensor empty(int rows, int columns) {
    return empty(false, rows, columns);
  }

  /** Makes a tensor that holds NaN, for what may be rounded. */
  public Tensor emptyActivations(int rows, int columns) {
    return empty(rounded, rows, columns);
  }

  /**
   * Where columns allow it, rows begin where four numbers can be read at once, else they do not.
   */
  private Tensor empty(boolean narrow, int rows, int columns) {
    int margin = columns % 8 == 0 ? 8 : MARGIN;
    int width = columns + 2 * margin;
    Tensor whole = narrow ? scope.rounded(rows + 2, width) : scope.tensor(rows + 2, width);
    whole.fill(Float.NaN);
    surroundings.add(whole.columns(0, margin));
    surroundings.add(whole.columns(margin + columns, width));
    surroundings.add(whole.rows(0, 1));
    surroundings.add(whole.rows(rows + 1, rows + 2));
    return whole.rows(1, rows + 1).columns(margin, margin + columns);
  }

  /** Makes a tensor of normally distributed numbers. */
  public Tensor normal(int rows, int columns) {
    Tensor tensor = empty(rows, columns);
    tensor.set(normals(rows * columns));
    return tensor;
  }

  /** Makes a tensor of normally distributed numbers, for what may be rounded. */
  public Tensor normalActivations(int rows, int columns) {
    return normalActivations(rows, columns, 1);
  }

  /**
   * The same with another standard deviation; both backends get the same numbers, rounded or not.
   */
  public Tensor normalActivations(int rows, int columns, float deviation) {
    float[] values = normals(rows * columns);
    for (int i = 0; i < values.length; i++) {
      float value = deviation * values[i];
      values[i] = rounded ? Bfloat16.round(value) : value;
    }
    Tensor tensor = emptyActivations(rows, columns);
    tensor.set(values);
    return tensor;
  }

  /** Makes a tensor of the magnitudes of normally distributed numbers. */
  public Tensor magnitudes(int rows, int columns) {
    Tensor tensor = empty(rows, columns);
    float[] values = normals(rows * columns);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    tensor.set(values);
    return tensor;
  }

  /** Makes a weight of normally distributed numbers over the root of the columns. */
  public BackendWeight weight(int rows, int columns) {
    float[] values = normals(rows * columns);
    for (int i = 0; i < values.length; i++) {
      values[i] /= (float) Math.sqrt(columns);
    }
    return backend.prepare(new ArrayWeight(values, rows, columns), precision, scope);
  }

  /** Keeps a result for comparison. */
  public void keep(String name, Tensor result) {
    float[] narrow = result.toArray();
    double[] values = new double[narrow.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = narrow[i];
    }
    results.add(new Result(name, result.rows(), result.columns(), values));
  }

  /** Keeps a result for comparison. */
  public void keep(String name, double... values) {
    results.add(new Result(name, 1, values.length, values.clone()));
  }

  /**
   * Holds each result against another trial's: no number may differ by more than the tolerance
   * times the largest number of the result, or than the tolerance where the result is zero because
   * everything cancels.
   */
  public void hold(Trial expected, double tolerance) {
    assertEquals(expected.results.size(), results.size());
    for (int i = 0; i < results.size(); i++) {
      hold(expected.results.get(i), results.get(i), tolerance);
    }
    surroundings.forEach(Trial::holdMargin);
  }

  @Override
  public void close() {
    scope.close();
  }

  private float[] normals(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void hold(Result expected, Result actual, double tolerance) {
    double largest = 0;
    for (double value : expected.values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double bound = tolerance * (largest == 0 ? 1 : largest);
    for (int i = 0; i < expected.values.length; i++) {
      double off = Math.abs(expected.values[i] - actual.values[i]);
      String where =
          actual.name + "[" + i / actual.columns + ", " + i % actual.columns + "]: expected ";
      String what = where + expected.values[i] + ", but was " + actual.values[i];
      assertTrue(off <= bound, () -> what + ", which may be off by " + bound);
    }
  }

  private static void holdMargin(Tensor margin) {
    for (float value : margin.toArray()) {
      assertTrue(Float.isNaN(value), "written outside of the view");
    }
  }
}
