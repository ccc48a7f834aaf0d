package io.github.lorascope.ranking;

/** Makes a score of each item from the answers about pairs. */
public interface Aggregation {
  /**
   * The mean probability of being preferred to each of the others; a pair that was not compared
   * counts as one half.
   *
   * @return the aggregation, with scores from 0 to 1
   */
  static Aggregation meanProbability() {
    return new MeanProbability();
  }

  /**
   * The share of the others that an item is preferred to (A. H. Copeland, 1951): a win counts as 1,
   * a tie or a pair that was not compared as one half.
   *
   * @return the aggregation, with scores from 0 to 1
   */
  static Aggregation copeland() {
    return new Copeland();
  }

  /**
   * {@link #bradleyTerry(double)} with a prior of 0.1.
   *
   * @return the aggregation, with scores from 0 to 1
   */
  static Aggregation bradleyTerry() {
    return new BradleyTerry(BradleyTerry.PRIOR);
  }

  /**
   * The strengths g of the model P(a beats b) = g(a) / (g(a) + g(b)) (R. A. Bradley and M. E.
   * Terry, 1952) that make the answers likeliest, found by Newton's method, in a time that grows
   * with the third power of how many items were compared, if most pairs were. A comparison of two
   * items is divided between them by its probability. So that items that won or lost everything
   * have finite strengths, and items that were never compared have one at all, each item has
   * besides won and lost as many comparisons as the prior says against one item of strength 1,
   * which stands for an average item. The score is g / (g + 1): the probability of beating that
   * one. Those that round to 1 are the next numbers below it, in the order of the strengths.
   *
   * @param prior how many comparisons, above 0; the more, the nearer to one half are the scores
   * @return the aggregation, with scores from 0 to 1
   */
  static Aggregation bradleyTerry(double prior) {
    if (!(prior > 0) || Double.isInfinite(prior)) {
      throw new IllegalArgumentException(
          "a prior of " + prior + " comparisons: give a number above 0");
    }
    return new BradleyTerry(prior);
  }

  /**
   * Returns the name, with what the aggregation was made with.
   *
   * @return a name in lower case
   */
  String name();

  /**
   * Makes the scores.
   *
   * @param answers all answers
   * @return a finite score for each item, the larger the better
   */
  double[] scores(PairAnswers answers);
}
