package io.github.lorascope.lora;

import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;

/** The weight {@code W + scale B A}, computed in float32 where its rows are read. */
public final class MergedWeight implements Weight {
  private final Weight base;
  private final float[] a;
  private final float[] b;
  private final int rank;
  private final double scale;

  /**
   * Takes a copy of the path; the base is read whenever this is.
   *
   * @param base W [outputs, inputs]
   * @param pair A [rank, inputs] and B [outputs, rank]
   * @param scale what their product is multiplied with
   */
  public MergedWeight(Weight base, LowRankPair pair, double scale) {
    this.base = base;
    this.a = pair.a().toArray();
    this.b = pair.b().toArray();
    this.rank = pair.a().rows();
    this.scale = scale;
  }

  @Override
  public int rows() {
    return base.rows();
  }

  @Override
  public int columns() {
    return base.columns();
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public WeightForm form() {
    return WeightForm.F32;
  }

  @Override
  public long bytes() {
    return base.bytes() + (long) Float.BYTES * (a.length + b.length);
  }

  /** The product is summed up by itself, so that the base's number is rounded once. */
  @Override
  public void read(int from, int to, float[] target, int offset) {
    base.read(from, to, target, offset);
    int columns = columns();
    float[] change = new float[columns];
    for (int row = from; row < to; row++) {
      for (int i = 0; i < columns; i++) {
        change[i] = 0;
      }
      for (int k = 0; k < rank; k++) {
        add((float) (scale * b[row * rank + k]), k * columns, change);
      }
      int at = offset + (row - from) * columns;
      for (int i = 0; i < columns; i++) {
        target[at + i] += change[i];
      }
    }
  }

  private void add(float factor, int start, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * a[start + i];
    }
  }
}
