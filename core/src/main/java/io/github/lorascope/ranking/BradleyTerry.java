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

  /** Scores that are nearer to each other are equal but for rounding. */
  private static final double EQUAL = 1e-8;

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
    double[] scores = Arrays.stream(strengths).map(g -> g / (g + 1)).toArray();
    alikeWhereEqual(scores);
    return scores;
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
  private static void alikeWhereEqual(double[] scores) {
    int[] descending =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 1; i < descending.length; i++) {
      double above = scores[descending[i - 1]];
      if (above - scores[descending[i]] < EQUAL) {
        scores[descending[i]] = above;
      }
    }
  }
}
