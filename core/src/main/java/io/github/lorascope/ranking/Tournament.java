package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A knock-out tournament as a binary tree: place 1 is the final, the places below i are 2 i and 2 i
 * + 1, and the items stand on the lowest level. An empty place lets the other one through.
 */
final class Tournament implements RankingStrategy {
  @Override
  public String name() {
    return "tournament";
  }

  @Override
  public long comparisons(int items, int wanted) {
    if (items < 2 || wanted == 0) {
      return 0;
    }
    long again = (wanted - 1L) * (ceilLog2(items) - 1);
    return Math.min(items - 1 + again, PairCount.all(items));
  }

  private static int ceilLog2(int value) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(value - 1);
  }

  @Override
  public void run(Comparisons comparisons) {
    Tree tree = new Tree(comparisons);
    comparisons.orderBy(tree::order);
    if (comparisons.wanted() > 0) {
      tree.play();
      for (int taken = 1; taken < comparisons.wanted(); taken++) {
        tree.playWithoutTheBest();
      }
    }
  }

  private static final class Tree {
    private static final int EMPTY = -1;

    private final Comparisons comparisons;
    private final int leaves;
    private final int[] places;
    private final List<Integer> best = new ArrayList<>();

    Tree(Comparisons comparisons) {
      this.comparisons = comparisons;
      int n = comparisons.items();
      leaves = n < 2 ? 1 : 1 << ceilLog2(n);
      places = new int[2 * leaves];
      Arrays.fill(places, EMPTY);
      for (int item = 0; item < n; item++) {
        places[leaves + item] = item;
      }
    }

    /** Those that were taken, then the others by how far they came. */
    int[] order() {
      boolean[] listed = new boolean[comparisons.items()];
      int[] order = new int[listed.length];
      int count = 0;
      for (int item : best) {
        order[count++] = item;
        listed[item] = true;
      }
      for (int item : places) {
        if (item != EMPTY && !listed[item]) {
          order[count++] = item;
          listed[item] = true;
        }
      }
      return order;
    }

    void play() {
      for (int level = leaves / 2; level >= 1; level /= 2) {
        List<ItemPair> round = new ArrayList<>();
        for (int match = level; match < 2 * level; match++) {
          if (places[2 * match] != EMPTY && places[2 * match + 1] != EMPTY) {
            round.add(new ItemPair(places[2 * match], places[2 * match + 1]));
          }
        }
        comparisons.compare(round);
        for (int match = level; match < 2 * level; match++) {
          places[match] = winner(places[2 * match], places[2 * match + 1]);
        }
      }
    }

    void playWithoutTheBest() {
      int last = places[1];
      best.add(last);
      places[leaves + last] = EMPTY;
      for (int match = (leaves + last) / 2; match >= 1; match /= 2) {
        places[match] = winner(places[2 * match], places[2 * match + 1]);
      }
    }

    private int winner(int a, int b) {
      if (a == EMPTY || b == EMPTY) {
        return Math.max(a, b);
      }
      return comparisons.beats(a, b) ? a : b;
    }
  }
}
