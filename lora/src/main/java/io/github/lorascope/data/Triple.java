package io.github.lorascope.data;

/**
 * A query with a passage that answers it and one that does not.
 *
 * @param query the query
 * @param positive the relevant passage
 * @param negative the irrelevant passage
 */
public record Triple(String query, String positive, String negative) {
  /**
   * Lays the two passages out as A and B.
   *
   * @param label where the relevant one goes: 0 makes it A, 1 makes it B
   * @return the example
   */
  public PairExample asPair(int label) {
    return label == 0
        ? new PairExample(query, positive, negative, label)
        : new PairExample(query, negative, positive, label);
  }
}
