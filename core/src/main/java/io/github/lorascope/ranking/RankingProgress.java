package io.github.lorascope.ranking;

import java.util.List;

/** How far a ranking is. */
public interface RankingProgress {
  /**
   * Counts the questions.
   *
   * @return how many were answered
   */
  long asked();

  /**
   * Tells how many questions there are at most.
   *
   * @return the bound of the strategy, or the budget if that is less
   */
  long atMost();

  /**
   * Makes the best order that is known so far; it is not made unless it is asked for.
   *
   * @return all items, the best first
   */
  List<Integer> order();
}
