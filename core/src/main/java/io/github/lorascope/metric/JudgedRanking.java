package io.github.lorascope.metric;

import java.util.Arrays;

/**
 * A ranking of documents for one query by what the judges said of them: all that {@link
 * RankingMeasure measures} need. What has at least a certain level of relevance is relevant, for
 * all measures but nDCG, which weighs the levels; what was not judged is not.
 */
public final class JudgedRanking {
  private final int[] ranked;
  private final int[] ideal;
  private final int level;
  private final int relevant;

  /**
   * Makes one in which a level of 1 or more is relevant.
   *
   * @param ranked the level of each retrieved document, the best-ranked first; 0 where it was not
   *     judged
   * @param judged the levels of all documents that were judged for the query, in any order
   */
  public JudgedRanking(int[] ranked, int[] judged) {
    this(ranked, judged, 1);
  }

  /**
   * Makes one.
   *
   * @param ranked the level of each retrieved document, the best-ranked first; 0 where it was not
   *     judged
   * @param judged the levels of all documents that were judged for the query, in any order
   * @param level the least level that is relevant, 1 or more, as trec_eval's option -l
   * @throws IllegalArgumentException if the level is less than 1
   */
  public JudgedRanking(int[] ranked, int[] judged, int level) {
    if (level < 1) {
      throw new IllegalArgumentException("a relevance level of " + level + ": give 1 or more");
    }
    this.level = level;
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
    return ranked[place] >= level;
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

  private int count(int[] levels, int first) {
    int count = 0;
    for (int i = 0; i < Math.min(first, levels.length); i++) {
      count += levels[i] >= level ? 1 : 0;
    }
    return count;
  }
}
