package io.github.lorascope.ranking;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The order of a strategy that has not come to its end, made to agree with the answers that are
 * known: none contradicts it, or where answers contradict each other, none about two neighbours.
 */
final class SettledOrder {
  private SettledOrder() {}

  static int[] of(int[] order, PairAnswers answers) {
    List<Integer> rest = new ArrayList<>(Arrays.stream(order).boxed().toList());
    int[] settled = new int[order.length];
    for (int place = 0; place < settled.length; place++) {
      settled[place] = rest.remove(firstUnbeaten(rest, answers));
    }
    exchangeNeighbours(settled, answers);
    return settled;
  }

  /** Gives the index of the first that none of the others beats; of a circle the first of all. */
  private static int firstUnbeaten(List<Integer> items, PairAnswers answers) {
    for (int i = 0; i < items.size(); i++) {
      int item = items.get(i);
      if (items.stream().noneMatch(other -> isKnownToBeat(other, item, answers))) {
        return i;
      }
    }
    return 0;
  }

  /** Comes to an end: each exchange leaves one answer less against the order, and no other one. */
  private static void exchangeNeighbours(int[] order, PairAnswers answers) {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int low = 1; low < order.length; low++) {
        if (isKnownToBeat(order[low], order[low - 1], answers)) {
          int item = order[low];
          order[low] = order[low - 1];
          order[low - 1] = item;
          changed = true;
        }
      }
    }
  }

  private static boolean isKnownToBeat(int a, int b, PairAnswers answers) {
    return a != b && answers.compared(a, b) && answers.beats(a, b);
  }
}
