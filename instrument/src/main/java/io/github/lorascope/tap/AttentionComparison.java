package io.github.lorascope.tap;

import io.github.lorascope.metric.MeanInterval;
import java.util.Arrays;

/**
 * How attention changed between two measurements of the same examples. Each example is compared
 * with itself, so that what differs between examples does not blur the change. One interval in
 * twenty leaves out zero by chance: of many heads, some will.
 */
public final class AttentionComparison {
  private final AttentionMeasurement before;
  private final AttentionMeasurement after;

  private AttentionComparison(AttentionMeasurement before, AttentionMeasurement after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Compares two measurements.
   *
   * @param before the one
   * @param after the other
   * @return the comparison
   * @throws TapException if they are of other examples, layers or heads
   */
  public static AttentionComparison of(AttentionMeasurement before, AttentionMeasurement after) {
    if (!before.examples().isSame(after.examples())) {
      throw new TapException(
          "the two measurements are of different pairs; measure both on the same ones");
    }
    if (!before.layers().equals(after.layers()) || before.heads() != after.heads()) {
      throw new TapException(
          "one measurement has %d heads in the layers %s, the other %d in %s: compare equal ones"
              .formatted(before.heads(), before.layers(), after.heads(), after.layers()));
    }
    return new AttentionComparison(before, after);
  }

  /**
   * Returns how one quantity of one head changed.
   *
   * @param quantity what
   * @param layer the layer
   * @param head the head, from 0
   * @return the mean of after less before over the examples, with its paired interval
   */
  public MeanInterval of(AttentionQuantity quantity, int layer, int head) {
    return change(before.values(quantity, layer, head), after.values(quantity, layer, head));
  }

  /**
   * Returns how one quantity of one layer changed.
   *
   * @param quantity what
   * @param layer the layer
   * @return the mean of after less before over the heads and examples, with the interval over the
   *     examples
   */
  public MeanInterval of(AttentionQuantity quantity, int layer) {
    return change(before.values(quantity, layer), after.values(quantity, layer));
  }

  /** Examples without a value in the one have none in the other: they have no such token. */
  private static MeanInterval change(double[] first, double[] second) {
    double[] differences = new double[first.length];
    int n = 0;
    for (int i = 0; i < first.length; i++) {
      if (Double.isFinite(second[i] - first[i])) {
        differences[n++] = second[i] - first[i];
      }
    }
    return MeanInterval.of(Arrays.copyOf(differences, n));
  }
}
