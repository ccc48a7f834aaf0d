package io.github.lorascope.rerank;

/**
 * How far the reranking of a run is.
 *
 * @param queries how many queries are reranked
 * @param allQueries how many there are
 * @param questions how many pairs the model was asked about for them
 * @param allQuestions how many it is asked about for all queries
 */
public record RerankProgress(int queries, int allQueries, long questions, long allQuestions) {
  RerankProgress plus(int documents) {
    return new RerankProgress(
        queries + 1, allQueries, questions + questions(documents), allQuestions);
  }

  /** Every two documents, in both positions. */
  static long questions(int documents) {
    return (long) documents * (documents - 1);
  }
}
