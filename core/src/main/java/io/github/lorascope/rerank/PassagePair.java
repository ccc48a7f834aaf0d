package io.github.lorascope.rerank;

import java.util.Objects;

/**
 * A question for the model.
 *
 * @param query the query
 * @param a the passage shown first
 * @param b the passage shown second
 */
public record PassagePair(String query, String a, String b) {
  /** Checks that there are texts. */
  public PassagePair {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(a, "passage A");
    Objects.requireNonNull(b, "passage B");
  }

  /** Whether another question has the same query and the same passage shown first. */
  boolean beginsLike(PassagePair other) {
    return query.equals(other.query) && a.equals(other.a);
  }
}
