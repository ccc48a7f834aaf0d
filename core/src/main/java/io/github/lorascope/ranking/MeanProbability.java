package io.github.lorascope.ranking;

/** One half, and the mean margin over the other items. */
final class MeanProbability implements Aggregation {
  @Override
  public String name() {
    return "mean-probability";
  }

  @Override
  public double[] scores(PairAnswers answers) {
    int n = answers.items();
    double[] scores = new double[n];
    for (int item = 0; item < n; item++) {
      double sum = 0;
      for (int other = 0; other < n; other++) {
        sum += other == item ? 0 : answers.margin(item, other);
      }
      scores[item] = n == 1 ? 1 : 0.5 + sum / (n - 1);
    }
    return scores;
  }
}
