package io.github.lorascope.probe;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Newton's method on the weights themselves, for at most as many features as samples. The intercept
 * is eliminated by centring the features at their curvature-weighted mean, which leaves I plus a
 * Gram matrix: its eigenvalues are at least 1, so Cholesky is safe even where every sample is
 * classified with certainty.
 */
final class PrimalNewton implements NewtonSystem {
  private final INDArray x;
  private final INDArray transposed;
  private final INDArray scaled;
  private final INDArray hessian;

  /** Keeps x [n, d], double, and does not own it. */
  PrimalNewton(INDArray x) {
    this.x = x;
    this.transposed = x.transpose();
    this.scaled = Nd4j.createUninitialized(DataType.DOUBLE, x.rows(), x.columns());
    this.hessian =
        Nd4j.createUninitialized(DataType.DOUBLE, new long[] {x.columns(), x.columns()}, 'f');
  }

  @Override
  public int size() {
    return x.columns();
  }

  @Override
  public Step step(double[] coordinates, double[] gradient, double[] curvature) {
    double totalCurvature = NewtonSystem.sum(curvature);
    double interceptGradient = NewtonSystem.sum(gradient);
    double[] mean = NewtonSystem.times(transposed, curvature);
    double[] weightGradient = NewtonSystem.times(transposed, gradient);
    double[] target = new double[mean.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= totalCurvature;
      weightGradient[j] += coordinates[j];
      target[j] = interceptGradient * mean[j] - weightGradient[j];
    }
    double[] direction = solve(curvature, mean, target);
    double intercept = -interceptGradient / totalCurvature - NewtonSystem.dot(mean, direction);
    double[] margins = NewtonSystem.times(x, direction);
    for (int i = 0; i < margins.length; i++) {
      margins[i] += intercept;
    }
    return new Step(
        direction,
        intercept,
        margins,
        NewtonSystem.dot(weightGradient, direction) + interceptGradient * intercept,
        NewtonSystem.dot(coordinates, direction),
        NewtonSystem.dot(direction, direction));
  }

  private double[] solve(double[] curvature, double[] mean, double[] target) {
    double[] roots = new double[curvature.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(curvature[i]);
    }
    try (INDArray means = Nd4j.createFromArray(mean);
        INDArray rootColumn = NewtonSystem.column(roots);
        INDArray solution = NewtonSystem.column(target)) {
      scaled.assign(x);
      scaled.subiRowVector(means);
      scaled.muliColumnVector(rootColumn);
      scaled.transpose().mmuli(scaled, hessian);
      addIdentity(hessian);
      SpdSolver.solve(hessian, solution);
      return solution.data().asDouble();
    }
  }

  /** Adds 1 to every diagonal element of a square column-major matrix. */
  static void addIdentity(INDArray matrix) {
    for (long i = 0; i < matrix.rows(); i++) {
      matrix
          .data()
          .put(i * (matrix.rows() + 1L), matrix.data().getDouble(i * (matrix.rows() + 1L)) + 1);
    }
  }

  @Override
  public double[] weights(double[] coordinates) {
    return coordinates.clone();
  }

  @Override
  public void close() {
    scaled.close();
    hessian.close();
  }
}
