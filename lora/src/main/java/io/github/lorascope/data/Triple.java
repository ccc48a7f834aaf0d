package io.github.lorascope.data;

import java.util.Objects;

/**
 * A query with a passage that answers it and one that does not.
 *
 * @param query the query
 * @param positive the relevant passage
 * @param negative the irrelevant passage
 */
public record Triple(String query, String positive, String negative) {
  /** Checks that there are texts. */
  public Triple {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(positive, "positive");
    Objects.requireNonNull(negative, "negative");
  }

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
