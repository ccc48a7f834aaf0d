package io.github.lorascope.metric;

import java.util.Arrays;

/**
 * A ranking of documents for one query by what the judges said of them: all that {@link
 * RankingMeasure measures} need. A level of relevance of 1 or more is relevant; what was not judged
 * or has a lower level is not.
 */
public final class JudgedRanking {
  private final int[] ranked;
  private final int[] ideal;
  private final int relevant;

  /**
   * Makes one.
   *
   * @param ranked the level of each retrieved document, the best-ranked first; 0 where it was not
   *     judged
   * @param judged the levels of all documents that were judged for the query, in any order
   */
  public JudgedRanking(int[] ranked, int[] judged) {
    this.ranked = ranked.clone();
    int[] ascending = judged.clone();
    Arrays.sort(ascending);
    this.ideal = new int[ascending.length];
    for (int i = 0; i < ideal.length; i++) {
      ideal[i] = ascending[ascending.length - 1 - i];
    }
    this.relevant = count(ideal, ideal.length);
  }

  /** How many documents were retrieved. */
  int size() {
    return ranked.length;
  }

  /** How many documents are relevant, retrieved or not. */
  int relevant() {
    return relevant;
  }

  /** How many of the first documents are relevant. */
  int relevantAmong(int first) {
    return count(ranked, first);
  }

  boolean isRelevant(int place) {
    return ranked[place] > 0;
  }

  /** Discounted gain of the first documents. */
  double gain(int first) {
    return gain(ranked, first);
  }

  /** Discounted gain of as many documents in the best order that there can be. */
  double idealGain(int first) {
    return gain(ideal, first);
  }

  private static double gain(int[] levels, int first) {
    double gain = 0;
    for (int i = 0; i < Math.min(first, levels.length); i++) {
      gain += Math.max(0, levels[i]) / (Math.log(i + 2.0) / Math.log(2));
    }
    return gain;
  }

  private static int count(int[] levels, int first) {
    int count = 0;
    for (int i = 0; i < Math.min(first, levels.length); i++) {
      count += levels[i] > 0 ? 1 : 0;
    }
    return count;
  }
}
