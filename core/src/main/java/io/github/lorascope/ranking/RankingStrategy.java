package io.github.lorascope.ranking;

import java.util.Optional;

/**
 * Which pairs are asked about, and what order that makes. With certain and transitive answers, the
 * first items that are wanted come out in exactly the order of the answers, and equal ones in the
 * order in which they were given.
 *
 * <p>All pairs, heapsort and the sliding window are those of Z. Qin et al., "Large Language Models
 * are Effective Text Rankers with Pairwise Ranking Prompting", 2023, but that a decision is the
 * mean over both positions, where theirs is a tie if the positions disagree.
 */
public interface RankingStrategy {
  /**
   * Every two items: n (n - 1) / 2 comparisons, exactly. The order is made by an {@link
   * Aggregation}, of the mean probability unless told otherwise. Questions are asked by the item
   * that is shown first, and a budget is spent so that each item is shown first as often as second.
   *
   * @return the strategy
   */
  static RankingStrategy allPairs() {
    return new AllPairs();
  }

  /**
   * A heap of the items, from which the best is taken as often as wanted. To build it takes up to 2
   * n - 2 s(n) - e(n) comparisons (s: how many binary digits of n are 1, e: how many zeros it ends
   * in; M. A. Suchenek, "Elementary yet precise worst-case analysis of Floyd's heap-construction
   * program", 2012), to mend it when m are left up to 2 floor(log2 m): the item that fills the gap
   * sinks to the bottom and rises from there (I. Wegener, "Bottom-up-heapsort", 1993), which takes
   * about half of that as a rule.
   *
   * @return the strategy
   */
  static RankingStrategy heapsort() {
    return new Heapsort();
  }

  /**
   * As many passes of a window over two neighbours from the last item to the first as items are
   * wanted; see {@link #slidingWindow(int)}.
   *
   * @return the strategy
   */
  static RankingStrategy slidingWindow() {
    return new SlidingWindow(0);
  }

  /**
   * Passes of a window over two neighbours from the last item to the first, which swap them where
   * the lower one is preferred. Pass t puts the t-th best in its place, by up to n - t comparisons,
   * and exactly as many if the best stand last. After fewer passes than items are wanted, only so
   * many are in order.
   *
   * @param passes how many, at least 1
   * @return the strategy
   */
  static RankingStrategy slidingWindow(int passes) {
    if (passes < 1) {
      throw new IllegalArgumentException(passes + " passes: give 1 or more");
    }
    return new SlidingWindow(passes);
  }

  /**
   * A knock-out tournament: n - 1 comparisons find the best, exactly, a round at once. Each further
   * item is found by playing the matches of the one before it again without it: up to ceil(log2 n)
   * - 1 comparisons each.
   *
   * @return the strategy
   */
  static RankingStrategy tournament() {
    return new Tournament();
  }

  /**
   * Returns the name, with what the strategy was made with.
   *
   * @return a name in lower case
   */
  String name();

  /**
   * Tells how many comparisons it makes at most; in both positions each is two questions.
   *
   * @param items how many items there are
   * @param wanted the first so many have to be in order, from 0 to all
   * @return how many comparisons at most
   */
  long comparisons(int items, int wanted);

  /**
   * What makes the order of the answers unless told otherwise.
   *
   * @return the aggregation; empty: the strategy's own order stands
   */
  default Optional<Aggregation> aggregation() {
    return Optional.empty();
  }

  /**
   * Asks what it needs to know. Begins with {@link Comparisons#orderBy}.
   *
   * @param comparisons what it asks through
   */
  void run(Comparisons comparisons);
}
