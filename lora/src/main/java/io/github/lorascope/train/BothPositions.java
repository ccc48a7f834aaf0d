package io.github.lorascope.train;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import java.util.List;

/**
 * How pairs are answered that are asked in both positions, as a ranking asks them. A model that
 * always says A has an accuracy of one half in one position, and a bias of 1.
 *
 * @param accuracy pairs whose relevant passage has the larger mean probability of both positions
 * @param difference how much more probability a passage gets as A than as B: 0 is no bias, 1 that
 *     the first passage always wins, -1 the second; the interval takes the pairs as independent
 * @param flips pairs whose answer is another passage in the other position
 */
public record BothPositions(Proportion accuracy, MeanInterval difference, Proportion flips) {
  /**
   * Sums up.
   *
   * @param pairs the pairs
   * @param shown the answers to them
   * @param swapped the answers to each {@link PairExample#swapped}, in the same order
   * @return the summary
   * @throws IllegalArgumentException if there are not as many answers as pairs
   */
  public static BothPositions of(
      List<PairExample> pairs, List<PairScore> shown, List<PairScore> swapped) {
    int n = pairs.size();
    if (shown.size() != n || swapped.size() != n) {
      throw new IllegalArgumentException(
          n + " pairs with " + shown.size() + " and " + swapped.size() + " answers");
    }
    boolean[] right = new boolean[n];
    boolean[] flipped = new boolean[n];
    double[] differences = new double[n];
    for (int i = 0; i < n; i++) {
      int label = pairs.get(i).label();
      PairScore one = shown.get(i);
      PairScore other = swapped.get(i);
      right[i] = one.probability(label) + other.probability(1 - label) > 1;
      flipped[i] = one.preferred() == other.preferred();
      differences[i] = one.probabilityA() - other.probability(1);
    }
    return new BothPositions(
        Proportion.of(right), MeanInterval.of(differences), Proportion.of(flipped));
  }
}
