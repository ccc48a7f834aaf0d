package io.github.lorascope.backend.reference;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.Weight;

/** A weight read row by row each time it is used. */
record ReferenceWeight(Weight weight, Precision precision) implements BackendWeight {
  /** Row of W, rounded as the precision says. */
  double[] row(int row) {
    float[] values = new float[weight.columns()];
    weight.read(row, row + 1, values, 0);
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return rounded(wide);
  }

  /** The other operand, rounded as the precision says, in place. */
  double[] rounded(double[] operand) {
    if (precision == Precision.BF16) {
      for (int i = 0; i < operand.length; i++) {
        operand[i] = Bfloat16.round((float) operand[i]);
      }
    }
    return operand;
  }

  double[][] rounded(double[][] operand) {
    for (double[] row : operand) {
      rounded(row);
    }
    return operand;
  }
}
