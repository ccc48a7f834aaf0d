package io.github.lorascope.ranking;

/** How many pairs there are. */
final class PairCount {
  private PairCount() {}

  /** Every two of n items, once. */
  static long all(int items) {
    return items * (items - 1L) / 2;
  }
}
