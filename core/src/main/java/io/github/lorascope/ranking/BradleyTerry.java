package io.github.lorascope.ranking;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Bradley-Terry strengths; {@link Aggregation#bradleyTerry(double)} says how. */
final class BradleyTerry implements Aggregation {
  static final double PRIOR = 0.1;

  /**
   * Logarithms of strengths that differ by less are equal but for rounding. Scores cannot tell:
   * those of the best all lie near 1.
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

  /**
   * Sums in another order differ by rounding, which must not decide between equal items; and of
   * many items the scores of the best round to 1, which must not make them equal.
   */
  @Override
  public double[] scores(PairAnswers answers) {
    if (answers.items() == 1) {
      return new double[] {1};
    }
    double[] logs = logStrengths(answers);
    double[] scores = new double[logs.length];
    double log = Double.POSITIVE_INFINITY;
    double score = 1;
    for (int item : descending(logs)) {
      if (!(log - logs[item] < EQUAL)) {
        log = logs[item];
        score = Math.max(0, Math.min(against(log), Math.nextDown(score)));
      }
      scores[item] = score;
    }
    return scores;
  }

  /** The natural logarithms of the strengths, of which that of an average item is 0. */
  double[] logStrengths(PairAnswers answers) {
    return new StrengthFit(answers, prior).logStrengths();
  }

  /** The probability of beating an item whose logarithm of the strength is less by so much. */
  static double against(double difference) {
    return 1 / (1 + Math.exp(-difference));
  }

  private static int[] descending(double[] logs) {
    return IntStream.range(0, logs.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> logs[i]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
