package io.github.lorascope.backend.reference;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;

/** A float32 weight over an array. */
record ArrayWeight(float[] values, int rows, int columns) implements Weight {
  @Override
  public String name() {
    return "weight";
  }

  @Override
  public WeightForm form() {
    return WeightForm.F32;
  }

  @Override
  public long bytes() {
    return 4L * values.length;
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    System.arraycopy(values, from * columns, target, offset, (to - from) * columns);
  }
}
