package io.github.lorascope.weights;

import java.util.Objects;

/** Some rows of another weight. */
record WeightRows(Weight whole, int from, int to) implements Weight {
  WeightRows {
    Objects.checkFromToIndex(from, to, whole.rows());
  }

  @Override
  public int rows() {
    return to - from;
  }

  @Override
  public int columns() {
    return whole.columns();
  }

  @Override
  public String name() {
    return whole.name() + "[" + from + ":" + to + "]";
  }

  @Override
  public WeightForm form() {
    return whole.form();
  }

  @Override
  public long bytes() {
    return whole.bytes() * rows() / whole.rows();
  }

  @Override
  public void read(int first, int last, float[] target, int offset) {
    Objects.checkFromToIndex(first, last, rows());
    whole.read(from + first, from + last, target, offset);
  }

  @Override
  public void readRounded(int first, int last, float[] target, int offset) {
    Objects.checkFromToIndex(first, last, rows());
    whole.readRounded(from + first, from + last, target, offset);
  }
}
