package io.github.lorascope.ranking;

/**
 * A question: which of two items is better?
 *
 * @param first the item that is shown first, from 0
 * @param second the item that is shown second, another one
 */
public record ItemPair(int first, int second) {
  /** Checks the items. */
  public ItemPair {
    if (first < 0 || second < 0 || first == second) {
      throw new IllegalArgumentException(
          "items " + first + " and " + second + ": a pair has two different ones, from 0");
    }
  }

  ItemPair swapped() {
    return new ItemPair(second, first);
  }
}
