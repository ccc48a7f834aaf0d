package io.github.lorascope.curve;

import java.util.Arrays;

/**
 * Estimates how much a curve scatters about its mean, from the differences of neighbouring points,
 * which changes of the mean hardly touch.
 */
final class NoiseLevel {
  /** Width of the middle 80% of a standard normal distribution. */
  private static final double MIDDLE = 2.5631031310892007;

  private static final int LEAST_SIDE = 25;

  private NoiseLevel() {}

  /**
   * The standard deviation at every point: that of the whole curve or, where it is larger, that of
   * the neighbourhood, since a loss scatters more once it has left its plateau.
   */
  static double[] of(double[] values) {
    int n = values.length;
    double[] differences = new double[n - 1];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = values[i + 1] - values[i];
    }
    double whole = deviation(differences);
    int side = Math.max(LEAST_SIDE, n / 10);
    double[] noise = new double[n];
    double left = whole;
    for (int knot = 0; knot < n; knot += side) {
      int from = Math.max(0, knot - side);
      int to = Math.min(differences.length, knot + side);
      double right = Math.max(whole, deviation(Arrays.copyOfRange(differences, from, to)));
      if (knot == 0) {
        left = right;
      }
      // From the knot before to this one in a straight line, and level after the last.
      for (int i = Math.max(0, knot - side); i < n && i < knot; i++) {
        noise[i] = left + (right - left) * (i - (knot - side)) / side;
      }
      Arrays.fill(noise, knot, n, right);
      left = right;
    }
    return noise;
  }

  /** By the middle 80% of the differences; by all of them where those are one and the same. */
  private static double deviation(double[] differences) {
    double[] sorted = differences.clone();
    Arrays.sort(sorted);
    double range = quantile(sorted, 0.9) - quantile(sorted, 0.1);
    if (range > 0) {
      return range / MIDDLE / Math.sqrt(2);
    }
    double squares = 0;
    for (double difference : sorted) {
      squares += difference * difference;
    }
    return Math.sqrt(squares / sorted.length / 2);
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
