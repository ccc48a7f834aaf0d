package io.github.lorascope.ablation;

import io.github.lorascope.metric.Proportion;
import java.util.OptionalInt;

/**
 * One finished training of an ablation.
 *
 * @param group the name of its group
 * @param seed its seed
 * @param steps steps done
 * @param pairsAStep pairs of a step
 * @param climbStep the first step at which the training loss, smoothed without a lag ({@link
 *     io.github.lorascope.curve.CurveAnalysis#smooth}), is below 0.6 nats
 * @param right for every evaluation pair, in order, {@code 1} where it was answered right and
 *     {@code 0} where not
 */
public record AblationRun(
    String group, long seed, int steps, int pairsAStep, OptionalInt climbStep, String right) {
  /**
   * Returns how many pairs were answered right.
   *
   * @return the accuracy
   */
  public Proportion accuracy() {
    return new Proportion(right.chars().filter(c -> c == '1').count(), right.length());
  }

  /**
   * Returns how many pairs it took to climb.
   *
   * @return pairs trained on to the end of {@link #climbStep}; empty if it never climbed
   */
  public OptionalInt climbPairs() {
    return climbStep.isPresent()
        ? OptionalInt.of(Math.multiplyExact(climbStep.getAsInt(), pairsAStep))
        : OptionalInt.empty();
  }

  double[] values() {
    return right.chars().mapToDouble(c -> c - '0').toArray();
  }
}
