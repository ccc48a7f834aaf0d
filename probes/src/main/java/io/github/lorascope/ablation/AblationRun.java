package io.github.lorascope.ablation;

import io.github.lorascope.metric.Proportion;
import java.util.OptionalInt;

/**
 * One finished training of an ablation.
 *
 * @param group the name of its group
 * @param seed its seed
 * @param steps steps done
 * @param climbStep the first step at which the smoothed training loss is below 0.6 nats
 * @param right for every evaluation pair, in order, {@code 1} where it was answered right and
 *     {@code 0} where not
 */
public record AblationRun(String group, long seed, int steps, OptionalInt climbStep, String right) {
  /**
   * Returns how many pairs were answered right.
   *
   * @return the accuracy
   */
  public Proportion accuracy() {
    return new Proportion(right.chars().filter(c -> c == '1').count(), right.length());
  }

  double[] values() {
    return right.chars().mapToDouble(c -> c - '0').toArray();
  }
}
