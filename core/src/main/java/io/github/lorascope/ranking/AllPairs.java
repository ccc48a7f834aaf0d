package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.Comparator;
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
    comparisons.orderBy(() -> IntStream.range(0, n).toArray());
    List<ItemPair> all = comparisons.bothPositions() ? inBoth(n) : inOne(n);
    boolean within = all.size() <= comparisons.left();
    List<ItemPair> affordable =
        new ArrayList<>(within ? all : all.subList(0, (int) comparisons.left()));
    affordable.sort(Comparator.comparingInt(ItemPair::first));
    for (int start = 0; start < affordable.size(); ) {
      int end = start + 1;
      while (end < affordable.size()
          && affordable.get(end).first() == affordable.get(start).first()) {
        end++;
      }
      comparisons.ask(affordable.subList(start, end));
      start = end;
    }
    if (!within) {
      comparisons.ask(all);
    }
  }

  /** Rounds 1, n - 1, 2, n - 2 and so on: every second one repeats the one before it, swapped. */
  private static List<ItemPair> inBoth(int n) {
    List<ItemPair> questions = new ArrayList<>();
    for (int shift = 1; 2 * shift <= n; shift++) {
      round(n, n, shift, questions);
      if (2 * shift < n) {
        round(n, n, n - shift, questions);
      }
    }
    return questions;
  }

  private static List<ItemPair> inOne(int n) {
    List<ItemPair> questions = new ArrayList<>();
    for (int shift = 1; 2 * shift <= n; shift++) {
      round(n, 2 * shift == n ? shift : n, shift, questions);
    }
    return questions;
  }

  private static void round(int n, int firsts, int shift, List<ItemPair> questions) {
    for (int first = 0; first < firsts; first++) {
      questions.add(new ItemPair(first, (first + shift) % n));
    }
  }
}
