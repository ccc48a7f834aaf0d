package io.github.lorascope.rerank;

import io.github.lorascope.ranking.Ranking;

/** Is told how far the reranking of a run is. */
public interface RerankListener {
  /** Listens to nothing. */
  RerankListener NONE = new RerankListener() {};

  /**
   * Is told that passages are looked up.
   *
   * @param share the share of the collection that was read, from 0 to 1
   */
  default void reading(double share) {}

  /**
   * Is told before the first query, with what was done before an interrupt, and after each one.
   *
   * @param progress how far it is
   */
  default void reranked(RerankProgress progress) {}

  /**
   * Is told the order of each query that is reranked now, before {@link #reranked}.
   *
   * @param query the query's id
   * @param ranking the order of its first documents, numbered as the run has them, with what can be
   *     said of it
   */
  default void ranked(String query, Ranking ranking) {}
}
