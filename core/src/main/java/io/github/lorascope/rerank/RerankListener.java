package io.github.lorascope.rerank;

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
}
