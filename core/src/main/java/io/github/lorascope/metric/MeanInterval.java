package io.github.lorascope.metric;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean with its 95% interval by Student's t distribution.
 *
 * @param mean the mean; NaN of no values
 * @param low lower end of the interval; minus infinity of fewer than two values
 * @param high upper end of the interval; infinity of fewer than two values
 * @param n how many values
 */
public record MeanInterval(double mean, double low, double high, int n) {
  private static final double TAIL = 0.975;

  /** By how many values; a quantile is slow to find, and thousands of means are of as many. */
  private static final Map<Integer, Double> QUANTILES = new ConcurrentHashMap<>();

  /**
   * Averages independent values.
   *
   * @param values one a trial, all finite
   * @return their mean
   */
  public static MeanInterval of(double... values) {
    int n = values.length;
    double mean = 0;
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a value of " + value + " has no mean");
      }
      mean += value / n;
    }
    if (n < 2) {
      return new MeanInterval(
          n == 0 ? Double.NaN : mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, n);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / (n - 1.0) / n);
    double half =
        error
            * QUANTILES.computeIfAbsent(
                n, k -> TDistribution.of(k - 1.0).inverseCumulativeProbability(TAIL));
    return new MeanInterval(mean, mean - half, mean + half, n);
  }

  /**
   * Averages the differences of paired values, such as one quantity of the same examples before and
   * after a training.
   *
   * @param before one value a pair
   * @param after the other value of each
   * @return the mean of after less before
   */
  public static MeanInterval ofDifferences(double[] before, double[] after) {
    if (before.length != after.length) {
      throw new IllegalArgumentException(
          before.length + " values before and " + after.length + " after are no pairs");
    }
    double[] differences = new double[before.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = after[i] - before[i];
    }
    return of(differences);
  }

  /**
   * Tells whether the interval leaves zero out.
   *
   * @return true if the mean differs from zero by more than noise
   */
  public boolean isBeyondNoise() {
    return low > 0 || high < 0;
  }

  /**
   * For people to read.
   *
   * @return for example {@code 0.0213 [0.0105, 0.0321] (n = 400)}
   */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.4f [%.4f, %.4f] (n = %d)", mean, low, high, n);
  }
}
