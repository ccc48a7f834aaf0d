package io.github.lorascope.ranking;

/** Is told every answer of a ranking as it comes. */
@FunctionalInterface
public interface RankingListener {
  /** Listens to nothing. */
  RankingListener NONE = (question, probability, soFar) -> {};

  /**
   * Is told after each answer, also of those that were asked together.
   *
   * @param question what was asked
   * @param probability P(first), from 0 to 1
   * @param soFar how far the ranking is; valid during this call
   */
  void answered(ItemPair question, double probability, RankingProgress soFar);
}
