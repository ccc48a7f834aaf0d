package io.github.lorascope.report.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One quantity by step and layer.
 *
 * @param steps ascending
 * @param layers the layers' numbers, ascending
 * @param values [steps][layers]; NaN where there is none
 */
public record LayerMatrix(double[] steps, int[] layers, double[][] values) {
  /**
   * A stretch of steps.
   *
   * @param from its first step
   * @param to its last step
   * @param least of each layer, the least value of the stretch; NaN where it has none
   * @param greatest of each layer, the greatest
   */
  public record Stretch(double from, double to, double[] least, double[] greatest) {}

  /**
   * Tells whether there is nothing to draw.
   *
   * @return true if no value is finite
   */
  public boolean isEmpty() {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).noneMatch(Double::isFinite);
  }

  /**
   * Divides the values of each step by the greatest of them.
   *
   * @return values of 0 to 1 where none is negative
   */
  public LayerMatrix normalised() {
    double[][] out = new double[values.length][];
    for (int s = 0; s < out.length; s++) {
      double greatest = finite(values[s]).max().orElse(Double.NaN);
      out[s] = Arrays.stream(values[s]).map(v -> v / greatest).toArray();
    }
    return new LayerMatrix(steps, layers, out);
  }

  /**
   * Averages over the steps.
   *
   * @return a mean a layer, NaN where it has no finite value
   */
  public double[] meanOverSteps() {
    return IntStream.range(0, layers.length)
        .mapToDouble(l -> finite(of(l)).average().orElse(Double.NaN))
        .toArray();
  }

  /**
   * Averages over the layers.
   *
   * @return a mean a step
   */
  public Points meanOverLayers() {
    return new Points(
        steps,
        Arrays.stream(values)
            .mapToDouble(row -> finite(row).average().orElse(Double.NaN))
            .toArray());
  }

  /**
   * The steps of which some layer has a value.
   *
   * @return the rows of those steps
   */
  public LayerMatrix recorded() {
    int[] having =
        IntStream.range(0, steps.length)
            .filter(s -> finite(values[s]).findAny().isPresent())
            .toArray();
    return new LayerMatrix(
        IntStream.of(having).mapToDouble(s -> steps[s]).toArray(),
        layers,
        IntStream.of(having).mapToObj(s -> values[s]).toArray(double[][]::new));
  }

  /**
   * Puts steps together where there are more than can be shown.
   *
   * @param most how many stretches there may be, at least 1
   * @return stretches of equal length, in order
   */
  public List<Stretch> stretches(int most) {
    int count = Math.min(most, steps.length);
    double[][] columns =
        IntStream.range(0, layers.length).mapToObj(this::of).toArray(double[][]::new);
    List<Stretch> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * steps.length / count);
      int to = (int) ((long) (i + 1) * steps.length / count);
      double[] least = new double[layers.length];
      double[] greatest = new double[layers.length];
      for (int l = 0; l < layers.length; l++) {
        double[] some = Arrays.copyOfRange(columns[l], from, to);
        least[l] = finite(some).min().orElse(Double.NaN);
        greatest[l] = finite(some).max().orElse(Double.NaN);
      }
      out.add(new Stretch(steps[from], steps[to - 1], least, greatest));
    }
    return out;
  }

  private double[] of(int layer) {
    return Arrays.stream(values).mapToDouble(row -> row[layer]).toArray();
  }

  private static DoubleStream finite(double[] some) {
    return Arrays.stream(some).filter(Double::isFinite);
  }
}
