package io.github.lorascope.ranking;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import java.util.stream.DoubleStream;

/**
 * How much answers depend on which item is shown first, over the pairs that were asked in both
 * positions.
 *
 * @param difference mean of P(A beats B) as answered with A first, less the same as answered with B
 *     first; above 0 the item shown first is preferred. 0 is no bias, 1 that the first one always
 *     wins. The interval takes the pairs to be independent, which those with an item in common are
 *     not quite
 * @param flips pairs whose decision is another one in the other position
 */
public record PositionBias(MeanInterval difference, Proportion flips) {
  static PositionBias of(PairAnswers answers) {
    DoubleStream.Builder differences = DoubleStream.builder();
    long flips = 0;
    long pairs = 0;
    for (int a = 0; a < answers.items(); a++) {
      for (int b = a + 1; b < answers.items(); b++) {
        if (answers.comparedInBoth(a, b)) {
          double first = answers.shown(a, b);
          double second = answers.shown(b, a);
          differences.add(first - (1 - second));
          flips += (first - 0.5) * (second - 0.5) > 0 ? 1 : 0;
          pairs++;
        }
      }
    }
    return new PositionBias(
        MeanInterval.of(differences.build().toArray()), new Proportion(flips, pairs));
  }
}
