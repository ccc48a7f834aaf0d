package io.github.lorascope.ranking;

import java.util.Arrays;
import java.util.Objects;

/** What was answered about pairs of items so far. */
public final class PairAnswers {
  private final double[][] shown;
  private long asked;

  /** Rows are made when they are first needed: most rankings of many items ask about few pairs. */
  PairAnswers(int items) {
    shown = new double[items][];
  }

  void put(ItemPair pair, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RankingException(
          "items "
              + pair.first()
              + " and "
              + pair.second()
              + " were answered with "
              + probability
              + "; an answer is a probability, from 0 to 1");
    }
    if (shown[pair.first()] == null) {
      shown[pair.first()] = new double[items()];
      Arrays.fill(shown[pair.first()], Double.NaN);
    }
    shown[pair.first()][pair.second()] = probability;
    asked++;
  }

  /**
   * Counts the items.
   *
   * @return how many there are
   */
  public int items() {
    return shown.length;
  }

  /**
   * Counts the questions.
   *
   * @return how many were answered; a pair in both positions is two
   */
  public long asked() {
    return asked;
  }

  /**
   * Gives one answer.
   *
   * @param first the item that was shown first
   * @param second the item that was shown second
   * @return P(first), from 0 to 1; NaN if this was not asked
   */
  public double shown(int first, int second) {
    double[] row = shown[first];
    return row == null ? outside(second) : row[second];
  }

  private double outside(int second) {
    Objects.checkIndex(second, items());
    return Double.NaN;
  }

  /**
   * Tells whether two items were compared.
   *
   * @param a an item
   * @param b another one
   * @return true if they were, in one position or both
   */
  public boolean compared(int a, int b) {
    return !Double.isNaN(shown(a, b)) || !Double.isNaN(shown(b, a));
  }

  boolean comparedInBoth(int a, int b) {
    return !Double.isNaN(shown(a, b)) && !Double.isNaN(shown(b, a));
  }

  /**
   * By how much an item is preferred to another: its probability of being preferred, as the mean
   * over the positions that were asked, less a half. With the items swapped it is exactly the
   * negative.
   *
   * @param a an item
   * @param b another one
   * @return from -0.5 to 0.5; 0 if they were not compared
   */
  public double margin(int a, int b) {
    double first = shown(a, b);
    double second = shown(b, a);
    if (Double.isNaN(first)) {
      return Double.isNaN(second) ? 0 : 0.5 - second;
    }
    return Double.isNaN(second) ? first - 0.5 : (first - second) / 2;
  }

  /**
   * Decides between two items.
   *
   * @param a an item
   * @param b another one
   * @return true if a is preferred; of two that are equal the one that was given earlier
   */
  public boolean beats(int a, int b) {
    double margin = margin(a, b);
    return margin > 0 || (margin == 0 && a < b);
  }
}
