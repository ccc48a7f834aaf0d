package io.github.lorascope.ranking;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Newton's method for the logarithms of Bradley-Terry strengths. A comparison adds to the penalized
 * likelihood's logarithm a function whose third derivative is nowhere larger than its second, so
 * that a step in which no difference of two logarithms changes by more than d, taken ln(1 + d) / d
 * of the way, does not pass the highest point along it (T. Sun and Q. Tran-Dinh, "Generalized
 * self-concordant functions", 2019). Hence every round comes nearer, from anywhere, and the last
 * ones double the digits.
 */
final class StrengthFit {
  /** Three to eighty are the rule; of hundreds of items in order a prior of 1e-9 takes more. */
  private static final int MOST_ROUNDS = 1_000;

  /** How far what an item has won may be from what it has lost, as a share of both. */
  private static final double TOLERANCE = 1e-12;

  private final PairAnswers answers;
  private final double prior;

  /**
   * Those that were compared, the others have a strength of 1; those with most comparisons first.
   */
  private final int[] items;

  private final double[] logs;

  /** Of each item what was won though a loss was expected, and the other way round. */
  private double[] won;

  private double[] lost;

  StrengthFit(PairAnswers answers, double prior) {
    this.answers = answers;
    this.prior = prior;
    int n = answers.items();
    long[] comparisons = new long[n];
    for (int item = 0; item < n; item++) {
      int one = item;
      comparisons[item] = IntStream.range(0, n).filter(i -> compared(one, i)).count();
    }
    items =
        IntStream.range(0, n)
            .filter(item -> comparisons[item] > 0)
            .boxed()
            .sorted(Comparator.comparingLong((Integer item) -> comparisons[item]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    logs = new double[items.length];
  }

  private boolean compared(int a, int b) {
    return a != b && answers.compared(a, b);
  }

  /** The best that was found, if it should take more rounds than are made. */
  double[] logStrengths() {
    boolean found = false;
    for (int round = 0; round < MOST_ROUNDS && !found; round++) {
      Conductances curvature = look();
      found = isBalanced();
      step(curvature.solve(IntStream.range(0, logs.length).mapToDouble(this::excess).toArray()));
    }
    double[] all = new double[answers.items()];
    for (int i = 0; i < items.length; i++) {
      all[items[i]] = logs[i];
    }
    return all;
  }

  /** Sums up what was won and lost, and makes the second derivatives. */
  private Conductances look() {
    won = new double[logs.length];
    lost = new double[logs.length];
    Conductances curvature = new Conductances(logs.length);
    for (int a = 0; a < logs.length; a++) {
      double above = BradleyTerry.against(logs[a]);
      double below = BradleyTerry.against(-logs[a]);
      won[a] += prior * below;
      lost[a] += prior * above;
      curvature.toGround(a, 2 * prior * above * below);
      for (int b = 0; b < a; b++) {
        if (compared(items[a], items[b])) {
          compare(a, b, curvature);
        }
      }
    }
    return curvature;
  }

  private void compare(int a, int b, Conductances curvature) {
    double margin = answers.margin(items[a], items[b]);
    double above = BradleyTerry.against(logs[a] - logs[b]);
    double below = BradleyTerry.against(logs[b] - logs[a]);
    double up = (0.5 + margin) * below;
    double down = (0.5 - margin) * above;
    won[a] += up;
    lost[b] += up;
    lost[a] += down;
    won[b] += down;
    curvature.between(a, b, above * below);
  }

  /** The first derivative. */
  private double excess(int item) {
    return won[item] - lost[item];
  }

  private boolean isBalanced() {
    return IntStream.range(0, logs.length)
        .allMatch(i -> Math.abs(excess(i)) <= TOLERANCE * (won[i] + lost[i]));
  }

  private void step(double[] step) {
    double highest = 0; // that of the average item, which stays where it is
    double lowest = 0;
    for (double change : step) {
      highest = Math.max(highest, change);
      lowest = Math.min(lowest, change);
    }
    double spread = highest - lowest;
    double share = spread > 0 ? Math.log1p(spread) / spread : 1;
    for (int i = 0; i < logs.length; i++) {
      logs[i] += share * step[i];
    }
  }
}
