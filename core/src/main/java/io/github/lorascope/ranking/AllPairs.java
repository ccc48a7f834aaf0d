package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Every two items. Questions come in rounds, in each of which every item is shown first once and
 * second once: the item that stands s places further on, around the end. A budget ends the rounds,
 * and what is left of them is asked by the item that is shown first.
 */
final class AllPairs implements RankingStrategy {
  @Override
  public String name() {
    return "all-pairs";
  }

  @Override
  public long comparisons(int items, int wanted) {
    return PairCount.all(items);
  }

  @Override
  public Optional<Aggregation> aggregation() {
    return Optional.of(Aggregation.meanProbability());
  }

  @Override
  public void run(Comparisons comparisons) {
    int n = comparisons.items();
    boolean both = comparisons.bothPositions();
    comparisons.orderBy(() -> IntStream.range(0, n).toArray());
    long all = both ? 2 * PairCount.all(n) : PairCount.all(n);
    long affordable = Math.min(all, comparisons.left());
    for (int first = 0; first < n; first++) {
      List<ItemPair> questions = new ArrayList<>();
      for (long question = first; question < affordable; question += n) {
        questions.add(question(question, n, both));
      }
      comparisons.ask(questions);
    }
    if (affordable < all) {
      comparisons.ask(List.of(question(affordable, n, both)));
    }
  }

  /** A question by its place in the rounds; the last round may be half of one. */
  private static ItemPair question(long place, int n, boolean both) {
    int first = (int) (place % n);
    int round = (int) (place / n);
    return new ItemPair(first, (first + (both ? inBoth(round, n) : round + 1)) % n);
  }

  /** Places 1, n - 1, 2, n - 2 and so on: every second round repeats the one before, swapped. */
  private static int inBoth(int round, int n) {
    int shift = round / 2 + 1;
    return round % 2 == 0 ? shift : n - shift;
  }
}
