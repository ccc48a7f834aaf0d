package io.github.lorascope.ranking;

import java.util.List;

/** An order of items, and what can be said of it. */
public final class Ranking {
  private final List<Integer> order;
  private final List<Double> scores;
  private final int wanted;
  private final boolean complete;
  private final PairAnswers answers;

  Ranking(
      List<Integer> order, List<Double> scores, int wanted, boolean complete, PairAnswers answers) {
    this.order = order;
    this.scores = scores;
    this.wanted = wanted;
    this.complete = complete;
    this.answers = answers;
  }

  /**
   * Gives the order.
   *
   * @return all items, the best first
   */
  public List<Integer> order() {
    return order;
  }

  /**
   * Gives the scores: the aggregation's, or where there is none, of n items 1 for the first, (n -
   * 1) / n for the second and so on down to 1 / n.
   *
   * @return for each place of the order, never increasing
   */
  public List<Double> scores() {
    return scores;
  }

  /**
   * Tells whether the strategy came to its end.
   *
   * @return false if the budget was reached before; the order is the best that was known then
   */
  public boolean isComplete() {
    return complete;
  }

  /**
   * Counts the questions.
   *
   * @return how many were asked
   */
  public long asked() {
    return answers.asked();
  }

  /**
   * Gives what the order was made of.
   *
   * @return all answers
   */
  public PairAnswers answers() {
    return answers;
  }

  /**
   * Measures how much the answers depend on which item is shown first.
   *
   * @return over the pairs that were asked in both positions
   */
  public PositionBias positionBias() {
    return PositionBias.of(answers);
  }

  /**
   * Counts where the answers contradict every order.
   *
   * @return over the items of which every two were compared
   */
  public Cycles cycles() {
    return Cycles.of(answers);
  }

  /**
   * Tells how far the answers support the order.
   *
   * @return over the items that were wanted
   */
  public Confidence confidence() {
    return Confidence.of(order, wanted, answers);
  }
}
