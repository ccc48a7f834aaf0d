package io.github.lorascope.probe;

import java.util.Arrays;

/** A fitted probe: the log-odds of label 1 are {@code weights . x + intercept}. */
public final class LinearModel {
  private final double[] weights;
  private final double intercept;

  /**
   * Creates a model.
   *
   * @param weights one value a feature, in the units of the features as they were given; copied
   * @param intercept the log-odds where every feature is 0
   */
  public LinearModel(double[] weights, double intercept) {
    this.weights = weights.clone();
    this.intercept = intercept;
  }

  /**
   * The weights.
   *
   * @return a copy
   */
  public double[] weights() {
    return weights.clone();
  }

  /**
   * The intercept.
   *
   * @return the log-odds where every feature is 0
   */
  public double intercept() {
    return intercept;
  }

  /**
   * The log-odds of label 1.
   *
   * @param x one sample, as long as the weights
   * @return positive where the model says 1
   */
  public double decision(float[] x) {
    double[] wide = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      wide[i] = x[i];
    }
    return decision(wide);
  }

  /** The log-odds of label 1. */
  double decision(double[] x) {
    if (x.length != weights.length) {
      throw new IllegalArgumentException(
          "The probe was fitted to " + weights.length + " features, this sample has " + x.length);
    }
    double sum = intercept;
    for (int i = 0; i < x.length; i++) {
      sum += weights[i] * x[i];
    }
    return sum;
  }

  /**
   * The probability of label 1.
   *
   * @param x one sample, as long as the weights
   * @return a value from 0 to 1
   */
  public double predictProbability(float[] x) {
    return LogisticRegression.sigmoid(decision(x));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearModel that
        && Arrays.equals(weights, that.weights)
        && Double.compare(intercept, that.intercept) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(weights) + Double.hashCode(intercept);
  }

  @Override
  public String toString() {
    return "LinearModel[" + weights.length + " features, intercept " + intercept + "]";
  }
}
