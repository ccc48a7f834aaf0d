package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Tensor;
import java.util.function.DoubleSupplier;

/** A linear functional of what an operation writes to y; its gradient there is dy. */
record LinearLoss(Runnable operation, Tensor dy, Tensor y) implements DoubleSupplier {
  void forward() {
    operation.run();
  }

  @Override
  public double getAsDouble() {
    forward();
    double sum = 0;
    for (int row = 0; row < y.rows(); row++) {
      sum += Rows.dot(Rows.read(dy, row), Rows.read(y, row));
    }
    return sum;
  }
}
