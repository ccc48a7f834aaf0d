package io.github.lorascope.report.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Positions and values of equal number.
 *
 * @param x positions, ascending
 * @param y values; NaN where there is none
 */
public record Points(double[] x, double[] y) {
  /** More points than this would be finer than a screen shows. */
  private static final int MOST = 1200;

  /**
   * How many there are.
   *
   * @return the number of positions
   */
  public int size() {
    return x.length;
  }

  /**
   * Tells whether there is nothing to draw.
   *
   * @return true if no value is finite
   */
  public boolean isEmpty() {
    return finite().size() == 0;
  }

  /**
   * Leaves out NaN and infinities.
   *
   * @return the rest
   */
  public Points finite() {
    return pick(IntStream.range(0, x.length).filter(i -> Double.isFinite(y[i])).toArray());
  }

  /**
   * Each value replaced by the mean of the finite ones among it and its predecessors; the first
   * half of a window, where that would be a mean of few, is left out.
   *
   * @param window how many values, at least 1
   * @return the means
   */
  public Points trailingMean(int window) {
    double[] mean = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      mean[i] =
          IntStream.rangeClosed(Math.max(0, i - window + 1), i)
              .mapToDouble(j -> y[j])
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
    }
    Arrays.fill(mean, 0, Math.min(y.length, window / 2), Double.NaN);
    return new Points(x, mean);
  }

  /**
   * Thins a long series: of each stretch its least and its greatest value stay, and so do spikes.
   *
   * @return at most {@value #MOST} points
   */
  public Points thinned() {
    if (x.length <= MOST) {
      return this;
    }
    int stretches = MOST / 2;
    return pick(
        IntStream.range(0, stretches)
            .flatMap(
                s -> {
                  int from = (int) ((long) s * x.length / stretches);
                  int to = (int) ((long) (s + 1) * x.length / stretches);
                  int least = from;
                  int greatest = from;
                  for (int i = from; i < to; i++) {
                    least = y[i] < y[least] || Double.isNaN(y[least]) ? i : least;
                    greatest = y[i] > y[greatest] || Double.isNaN(y[greatest]) ? i : greatest;
                  }
                  return IntStream.of(Math.min(least, greatest), Math.max(least, greatest))
                      .distinct();
                })
            .toArray());
  }

  private Points pick(int[] indices) {
    return new Points(
        IntStream.of(indices).mapToDouble(i -> x[i]).toArray(),
        IntStream.of(indices).mapToDouble(i -> y[i]).toArray());
  }
}
