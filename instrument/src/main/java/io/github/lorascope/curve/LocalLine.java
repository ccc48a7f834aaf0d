package io.github.lorascope.curve;

import java.util.Arrays;

/**
 * Smooths by a straight line through the neighbourhood of every point, weighted by the tricube of
 * the distance in points (W. S. Cleveland, "Robust locally weighted regression and smoothing
 * scatterplots", 1979; without its robust rounds). Ends are not bent, and the line's slope is that
 * of the smoothed curve.
 *
 * @param values the smoothed values
 * @param slopes change a step
 */
record LocalLine(double[] values, double[] slopes) {
  /** Fits; the neighbourhood is so many points to either side. */
  static LocalLine fit(StepSeries series, int side) {
    int n = series.steps().length;
    double[] weights = new double[side + 1];
    for (int distance = 0; distance <= side; distance++) {
      double share = distance / (side + 1.0);
      double tricube = 1 - share * share * share;
      weights[distance] = tricube * tricube * tricube;
    }
    LocalLine fit = new LocalLine(new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      fit.fitAt(series, i, weights);
    }
    return fit;
  }

  /**
   * How much a straight line through some smoothed values, the last excluded, changes over them.
   */
  double trend(StepSeries series, int from, int to) {
    double middle = Arrays.stream(series.steps(), from, to).average().orElseThrow();
    double sumXx = 0;
    double sumXy = 0;
    for (int i = from; i < to; i++) {
      double x = series.steps()[i] - middle;
      sumXx += x * x;
      sumXy += x * (values[i] - values[from]);
    }
    return sumXy / sumXx * (series.steps()[to - 1] - series.steps()[from]);
  }

  private void fitAt(StepSeries series, int at, double[] weights) {
    int side = weights.length - 1;
    double sum = 0;
    double sumX = 0;
    double sumXx = 0;
    double sumY = 0;
    double sumXy = 0;
    int last = Math.min(series.steps().length - 1, at + side);
    for (int i = Math.max(0, at - side); i <= last; i++) {
      double weight = weights[Math.abs(i - at)];
      double x = series.steps()[i] - series.steps()[at];
      double y = series.values()[i] - series.values()[at];
      sum += weight;
      sumX += weight * x;
      sumXx += weight * x * x;
      sumY += weight * y;
      sumXy += weight * x * y;
    }
    double determinant = sum * sumXx - sumX * sumX;
    if (determinant > 0) {
      values[at] = series.values()[at] + (sumXx * sumY - sumX * sumXy) / determinant;
      slopes[at] = (sum * sumXy - sumX * sumY) / determinant;
    } else {
      values[at] = series.values()[at]; // the only point
    }
  }
}
