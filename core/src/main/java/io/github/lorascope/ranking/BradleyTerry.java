package io.github.lorascope.ranking;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Bradley-Terry strengths; {@link Aggregation#bradleyTerry(double)} says how. */
final class BradleyTerry implements Aggregation {
  static final double PRIOR = 0.1;

  private static final int MOST_ROUNDS = 20_000;

  /** How far wins may be from those that the strengths expect, in comparisons. */
  private static final double TOLERANCE = 1e-9;

  /**
   * Strengths that differ by a smaller share are equal but for rounding. Scores cannot tell: those
   * of the best all lie near 1.
   */
  private static final double EQUAL = 1e-7;

  private final double prior;

  BradleyTerry(double prior) {
    this.prior = prior;
  }

  @Override
  public String name() {
    return "bradley-terry(" + prior + ")";
  }

  @Override
  public double[] scores(PairAnswers answers) {
    if (answers.items() == 1) {
      return new double[] {1};
    }
    double[] strengths = strengths(answers);
    alikeWhereEqual(strengths);
    return Arrays.stream(strengths).map(g -> g / (g + 1)).toArray();
  }

  /** The strengths, of which that of an average item is 1. */
  double[] strengths(PairAnswers answers) {
    int n = answers.items();
    double[] wins = wins(answers);
    double[] strengths = new double[n];
    Arrays.fill(strengths, 1);
    double worst = Double.POSITIVE_INFINITY;
    for (int round = 0; round < MOST_ROUNDS && worst > TOLERANCE; round++) {
      double[] next = new double[n];
      worst = 0;
      for (int item = 0; item < n; item++) {
        double rate = 2 * prior / (strengths[item] + 1);
        for (int other = 0; other < n; other++) {
          if (other != item && answers.compared(item, other)) {
            rate += 1 / (strengths[item] + strengths[other]);
          }
        }
        next[item] = wins[item] / rate;
        worst = Math.max(worst, Math.abs(wins[item] - rate * strengths[item]));
      }
      strengths = next;
    }
    return strengths;
  }

  private double[] wins(PairAnswers answers) {
    double[] wins = new double[answers.items()];
    for (int item = 0; item < wins.length; item++) {
      wins[item] = prior;
      for (int other = 0; other < wins.length; other++) {
        if (other != item && answers.compared(item, other)) {
          wins[item] += 0.5 + answers.margin(item, other);
        }
      }
    }
    return wins;
  }

  /** Sums in another order differ by rounding, which must not decide between equal items. */
  private static void alikeWhereEqual(double[] strengths) {
    int[] descending =
        IntStream.range(0, strengths.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> strengths[i]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 1; i < descending.length; i++) {
      double above = strengths[descending[i - 1]];
      if (above - strengths[descending[i]] < EQUAL * above) {
        strengths[descending[i]] = above;
      }
    }
  }
}
