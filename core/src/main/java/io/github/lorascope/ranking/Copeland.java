package io.github.lorascope.ranking;

/** One half, and half of wins less losses by the number of other items. */
final class Copeland implements Aggregation {
  @Override
  public String name() {
    return "copeland";
  }

  @Override
  public double[] scores(PairAnswers answers) {
    int n = answers.items();
    double[] scores = new double[n];
    for (int item = 0; item < n; item++) {
      int ahead = 0;
      for (int other = 0; other < n; other++) {
        ahead += other == item ? 0 : (int) Math.signum(answers.margin(item, other));
      }
      scores[item] = n == 1 ? 1 : 0.5 + ahead / (2 * (n - 1.0));
    }
    return scores;
  }
}
