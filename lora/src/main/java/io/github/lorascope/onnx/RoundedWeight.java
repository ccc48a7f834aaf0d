package io.github.lorascope.onnx;

import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;

/** A weight rounded to bfloat16 whenever it is read. */
record RoundedWeight(Weight source) implements Weight {
  @Override
  public int rows() {
    return source.rows();
  }

  @Override
  public int columns() {
    return source.columns();
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public WeightForm form() {
    return WeightForm.BF16;
  }

  @Override
  public long bytes() {
    return source.bytes();
  }

  @Override
  public void read(int from, int to, float[] target, int offset) {
    source.readRounded(from, to, target, offset);
  }
}
