package io.github.lorascope.probe;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Newton's method where there are more features than samples, as with the 3072 of a hidden state.
 * The best weights are a combination {@code X^T a} of the samples, so the search is over a [n] and
 * needs only the kernel {@code K = X X^T}. With W the curvature and D its root, {@code (I + W K)^-1
 * = I - D (I + D K D)^-1 D K}, whose inner matrix again has no eigenvalue below 1 (Rasmussen and
 * Williams, "Gaussian Processes for Machine Learning", 2006, section 3.4).
 */
final class DualNewton implements NewtonSystem {
  private final INDArray x;
  private final INDArray kernel;
  private final INDArray inner;

  /** Keeps x [n, d], double, and does not own it. */
  DualNewton(INDArray x) {
    this.x = x;
    this.kernel = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {x.rows(), x.rows()}, 'f');
    this.inner = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {x.rows(), x.rows()}, 'f');
    x.mmuli(x.transpose(), kernel);
  }

  @Override
  public int size() {
    return x.rows();
  }

  @Override
  public Step step(double[] coordinates, double[] gradient, double[] curvature) {
    int n = size();
    // The gradient by the weights is X^T (a + g).
    double[] combination = new double[n];
    double[] towards = new double[n];
    double[] perIntercept = new double[n];
    for (int i = 0; i < n; i++) {
      combination[i] = coordinates[i] + gradient[i];
      towards[i] = -combination[i];
      perIntercept[i] = -curvature[i];
    }
    solve(curvature, towards, perIntercept);
    // The step is towards + intercept * perIntercept; optimal coordinates sum to 0.
    double intercept =
        -(NewtonSystem.sum(coordinates) + NewtonSystem.sum(towards))
            / NewtonSystem.sum(perIntercept);
    double[] direction = new double[n];
    for (int i = 0; i < n; i++) {
      direction[i] = towards[i] + intercept * perIntercept[i];
    }
    double[] margins = NewtonSystem.times(kernel, direction);
    double penaltySlope = NewtonSystem.dot(coordinates, margins);
    double penaltyCurvature = NewtonSystem.dot(direction, margins);
    double slope = NewtonSystem.dot(combination, margins) + NewtonSystem.sum(gradient) * intercept;
    for (int i = 0; i < n; i++) {
      margins[i] += intercept;
    }
    return new Step(direction, intercept, margins, slope, penaltySlope, penaltyCurvature);
  }

  /** Replaces both v by (I + W K)^-1 v. */
  private void solve(double[] curvature, double[] first, double[] second) {
    int n = size();
    double[] roots = new double[n];
    double[] right = new double[2 * n];
    double[] kernelFirst = NewtonSystem.times(kernel, first);
    double[] kernelSecond = NewtonSystem.times(kernel, second);
    for (int i = 0; i < n; i++) {
      roots[i] = Math.sqrt(curvature[i]);
      right[i] = roots[i] * kernelFirst[i];
      right[n + i] = roots[i] * kernelSecond[i];
    }
    try (INDArray column = NewtonSystem.column(roots);
        INDArray row = Nd4j.createFromArray(roots);
        INDArray solution = Nd4j.create(right, new long[] {n, 2}, 0, 'f')) {
      inner.assign(kernel);
      inner.muliColumnVector(column);
      inner.muliRowVector(row);
      PrimalNewton.addIdentity(inner);
      SpdSolver.solve(inner, solution);
      double[] solved = solution.data().asDouble();
      for (int i = 0; i < n; i++) {
        first[i] -= roots[i] * solved[i];
        second[i] -= roots[i] * solved[n + i];
      }
    }
  }

  @Override
  public double[] weights(double[] coordinates) {
    return NewtonSystem.times(x.transpose(), coordinates);
  }

  @Override
  public void close() {
    kernel.close();
    inner.close();
  }
}
