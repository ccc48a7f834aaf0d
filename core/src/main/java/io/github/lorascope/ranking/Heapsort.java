package io.github.lorascope.ranking;

import java.util.stream.IntStream;

/** A heap with the best item on top; the children of place i are 2 i + 1 and 2 i + 2. */
final class Heapsort implements RankingStrategy {
  @Override
  public String name() {
    return "heapsort";
  }

  @Override
  public long comparisons(int items, int wanted) {
    if (items < 2 || wanted == 0) {
      return 0;
    }
    long most = 2L * items - 2L * Integer.bitCount(items) - Integer.numberOfTrailingZeros(items);
    for (int taken = 1; taken < wanted; taken++) {
      most += 2L * floorLog2(items - taken);
    }
    return Math.min(most, PairCount.all(items));
  }

  private static int floorLog2(int value) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(value);
  }

  @Override
  public void run(Comparisons comparisons) {
    Heap heap = new Heap(comparisons);
    comparisons.orderBy(heap::order);
    if (comparisons.wanted() > 0) {
      heap.build();
      for (int taken = 1; taken < comparisons.wanted(); taken++) {
        heap.take();
      }
    }
  }

  private static final class Heap {
    private final Comparisons comparisons;
    private final int[] heap;
    private final int[] best;
    private int taken;

    Heap(Comparisons comparisons) {
      this.comparisons = comparisons;
      this.heap = IntStream.range(0, comparisons.items()).toArray();
      this.best = new int[heap.length];
    }

    private int size() {
      return heap.length - taken;
    }

    /** Those that were taken, then the heap: parents before their children. */
    int[] order() {
      int[] order = best.clone();
      System.arraycopy(heap, 0, order, taken, size());
      return order;
    }

    void build() {
      for (int top = size() / 2 - 1; top >= 0; top--) {
        int at = top;
        while (2 * at + 1 < size()) {
          int child = betterChild(at);
          if (!comparisons.beats(heap[child], heap[at])) {
            break;
          }
          swap(child, at);
          at = child;
        }
      }
    }

    void take() {
      best[taken++] = heap[0];
      heap[0] = heap[size()];
      int at = 0;
      while (2 * at + 1 < size()) {
        int child = betterChild(at);
        swap(child, at);
        at = child;
      }
      while (at > 0 && comparisons.beats(heap[at], heap[(at - 1) / 2])) {
        swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
      }
    }

    private int betterChild(int at) {
      int left = 2 * at + 1;
      int right = left + 1;
      return right < size() && comparisons.beats(heap[right], heap[left]) ? right : left;
    }

    private void swap(int i, int j) {
      int item = heap[i];
      heap[i] = heap[j];
      heap[j] = item;
    }
  }
}
