package io.github.lorascope.ranking;

import java.util.List;

/** Answers which of two items is better. */
@FunctionalInterface
public interface PairJudge {
  /**
   * Answers many questions. Questions with the same first item follow each other where a strategy
   * can arrange it.
   *
   * @param questions the questions
   * @return for each one P(first): the probability that the item shown first is the better one,
   *     from 0 to 1
   */
  double[] judge(List<ItemPair> questions);
}
