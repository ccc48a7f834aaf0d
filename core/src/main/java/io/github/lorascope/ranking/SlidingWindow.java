package io.github.lorascope.ranking;

import java.util.stream.IntStream;

/** Bubble sort from the end, with a number of passes; 0: as many as items are wanted. */
final class SlidingWindow implements RankingStrategy {
  private final int passes;

  SlidingWindow(int passes) {
    this.passes = passes;
  }

  @Override
  public String name() {
    return passes == 0 ? "sliding-window" : "sliding-window(" + passes + ")";
  }

  /** After n - 1 passes all items are in order. */
  private int passes(int items, int wanted) {
    return Math.min(passes == 0 ? wanted : passes, Math.max(0, items - 1));
  }

  @Override
  public long comparisons(int items, int wanted) {
    long count = passes(items, wanted);
    return count * items - count * (count + 1) / 2;
  }

  @Override
  public void run(Comparisons comparisons) {
    int[] order = IntStream.range(0, comparisons.items()).toArray();
    comparisons.orderBy(order::clone);
    int count = passes(order.length, comparisons.wanted());
    for (int place = 0; place < count; place++) {
      for (int low = order.length - 1; low > place; low--) {
        if (comparisons.beats(order[low], order[low - 1])) {
          int item = order[low];
          order[low] = order[low - 1];
          order[low - 1] = item;
        }
      }
    }
  }
}
