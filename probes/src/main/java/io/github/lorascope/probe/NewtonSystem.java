package io.github.lorascope.probe;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The coordinates in which a logistic regression's weights are sought. Margins are the log-odds of
 * the n samples; the intercept is no part of the coordinates.
 */
interface NewtonSystem extends AutoCloseable {
  /**
   * One Newton step.
   *
   * @param coordinates how far {@code coordinates} moves
   * @param intercept how far the intercept moves
   * @param margins [n] how far the samples' log-odds move
   * @param slope the derivative of the objective along the step, at most 0
   * @param penaltySlope the penalty's part of it
   * @param penaltyCurvature the second derivative of the penalty along the step
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, by the caller it was made for
  record Step(
      double[] coordinates,
      double intercept,
      double[] margins,
      double slope,
      double penaltySlope,
      double penaltyCurvature) {}

  /** How many coordinates there are; all start at 0. */
  int size();

  /**
   * Solves for the Newton step.
   *
   * @param coordinates where the search is
   * @param gradient [n] the derivative of the data's loss by each margin
   * @param curvature [n] its second derivative, above 0
   */
  Step step(double[] coordinates, double[] gradient, double[] curvature);

  /** The weights, one a feature, that the coordinates stand for. */
  double[] weights(double[] coordinates);

  @Override
  void close();

  /** The form whose matrix is the smaller one: features squared or samples squared. */
  static NewtonSystem of(INDArray x) {
    return x.columns() <= x.rows() ? new PrimalNewton(x) : new DualNewton(x);
  }

  /** The product of a matrix and a vector. */
  static double[] times(INDArray matrix, double[] vector) {
    try (INDArray column = column(vector);
        INDArray product = matrix.mmul(column)) {
      return product.data().asDouble();
    }
  }

  /** A vector as a [n, 1] matrix. */
  static INDArray column(double[] vector) {
    return Nd4j.create(vector, new long[] {vector.length, 1}, 0, 'f');
  }

  /** The product of two vectors. */
  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The sum of a vector. */
  static double sum(double[] a) {
    double sum = 0;
    for (double value : a) {
      sum += value;
    }
    return sum;
  }
}
