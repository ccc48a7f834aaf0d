package io.github.lorascope.probe;

import java.util.Arrays;

/**
 * The shift and scale that give each feature mean 0 and variance 1 over some samples; a constant
 * feature is only shifted.
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record Standardization(double[] mean, double[] scale) {
  /** Where the spread is below this share of the mean, it is rounding. */
  private static final double CONSTANT = 1e-10;

  /** Leaves features as they are. */
  static Standardization none(int features) {
    double[] ones = new double[features];
    Arrays.fill(ones, 1);
    return new Standardization(new double[features], ones);
  }

  /** Measures the samples at the given rows. */
  static Standardization of(double[][] x, int[] rows) {
    int features = x[0].length;
    double[] mean = new double[features];
    double[] scale = new double[features];
    for (int row : rows) {
      for (int j = 0; j < features; j++) {
        mean[j] += x[row][j] / rows.length;
      }
    }
    for (int row : rows) {
      for (int j = 0; j < features; j++) {
        double difference = x[row][j] - mean[j];
        scale[j] += difference * difference / rows.length;
      }
    }
    for (int j = 0; j < features; j++) {
      double deviation = Math.sqrt(scale[j]);
      scale[j] = deviation <= CONSTANT * Math.abs(mean[j]) || deviation == 0 ? 1 : deviation;
    }
    return new Standardization(mean, scale);
  }

  /** The samples at the given rows, scaled, one after another. */
  double[] apply(double[][] x, int[] rows) {
    double[] out = new double[Math.multiplyExact(rows.length, mean.length)];
    int next = 0;
    for (int row : rows) {
      for (int j = 0; j < mean.length; j++) {
        out[next++] = (x[row][j] - mean[j]) / scale[j];
      }
    }
    return out;
  }

  /** The same model for features that were not scaled. */
  LinearModel undo(LinearModel scaled) {
    double[] weights = scaled.weights();
    double intercept = scaled.intercept();
    for (int j = 0; j < weights.length; j++) {
      weights[j] /= scale[j];
      intercept -= weights[j] * mean[j];
    }
    return new LinearModel(weights, intercept);
  }
}
