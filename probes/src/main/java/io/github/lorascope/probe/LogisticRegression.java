package io.github.lorascope.probe;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Minimises {@code |w|^2 / 2 + c sum log(1 + exp(-s (w . x + b)))} with s the label as -1 or 1: the
 * objective of scikit-learn's LogisticRegression, its intercept not penalised. Newton's method with
 * a backtracking line search, which converges from 0 for this strictly convex function.
 */
final class LogisticRegression {
  private static final int MAX_STEPS = 200;
  private static final int MAX_HALVINGS = 60;

  /** Share of the promised decrease that a step must bring. */
  private static final double ARMIJO = 1e-4;

  /** Keeps the intercept's equation solvable where every sample is certain. */
  private static final double LEAST_CURVATURE = 1e-10;

  private LogisticRegression() {}

  /**
   * Fits.
   *
   * @param x [n, d], double
   * @param labels [n], 0 or 1, both present
   * @param c inverse strength of the penalty
   */
  static LinearModel fit(INDArray x, int[] labels, double c) {
    try (NewtonSystem system = NewtonSystem.of(x)) {
      int n = labels.length;
      double[] coordinates = new double[system.size()];
      double[] margins = new double[n];
      double intercept = 0;
      double penalty = 0;
      double[] gradient = new double[n];
      double[] curvature = new double[n];
      for (int iteration = 0; iteration < MAX_STEPS; iteration++) {
        for (int i = 0; i < n; i++) {
          double p = sigmoid(margins[i]);
          gradient[i] = c * (p - labels[i]);
          curvature[i] = c * Math.max(p * (1 - p), LEAST_CURVATURE);
        }
        NewtonSystem.Step step = system.step(coordinates, gradient, curvature);
        double objective = penalty + c * loss(margins, step.margins(), 0, labels);
        // The last step is still taken: Newton squares the error that is left.
        boolean last = -step.slope() <= 1e-13 * (1 + objective);
        double length = last ? 1 : lineSearch(objective, penalty, margins, step, labels, c);
        for (int i = 0; i < coordinates.length; i++) {
          coordinates[i] += length * step.coordinates()[i];
        }
        for (int i = 0; i < n; i++) {
          margins[i] += length * step.margins()[i];
        }
        intercept += length * step.intercept();
        penalty = penaltyAt(penalty, step, length);
        if (last) {
          return new LinearModel(system.weights(coordinates), intercept);
        }
      }
    }
    throw new ProbeException(
        "The probe did not converge in "
            + MAX_STEPS
            + " Newton steps; features of very different size cause this: try standardize(true)");
  }

  private static double lineSearch(
      double objective,
      double penalty,
      double[] margins,
      NewtonSystem.Step step,
      int[] labels,
      double c) {
    double length = 1;
    for (int halving = 0; halving < MAX_HALVINGS; halving++) {
      double there =
          penaltyAt(penalty, step, length) + c * loss(margins, step.margins(), length, labels);
      if (there <= objective + ARMIJO * length * step.slope()) {
        return length;
      }
      length /= 2;
    }
    throw new ProbeException(
        "The probe's loss stopped falling before its minimum; features of very different size"
            + " cause this: try standardize(true)");
  }

  private static double penaltyAt(double penalty, NewtonSystem.Step step, double length) {
    return penalty + length * (step.penaltySlope() + 0.5 * length * step.penaltyCurvature());
  }

  private static double loss(double[] margins, double[] step, double length, int[] labels) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double margin = margins[i] + length * step[i];
      double against = labels[i] == 1 ? -margin : margin;
      sum += Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
    }
    return sum;
  }

  /** The logistic function, without overflow. */
  static double sigmoid(double margin) {
    double e = Math.exp(-Math.abs(margin));
    return (margin >= 0 ? 1 : e) / (1 + e);
  }
}
