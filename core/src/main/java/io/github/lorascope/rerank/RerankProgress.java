package io.github.lorascope.rerank;

/**
 * How far the reranking of a run is.
 *
 * @param queries how many queries are reranked
 * @param allQueries how many there are
 * @param questions how many pairs the model was asked about for them
 * @param allQuestions how many it is asked about for all queries at most: what was asked, and the
 *     bounds of the queries that are left
 * @param incomplete how many of the reranked queries have an order that the budget ended
 */
public record RerankProgress(
    int queries, int allQueries, long questions, long allQuestions, int incomplete) {

  /**
   * Adds a query.
   *
   * @param bound how many questions it was to take at most
   */
  RerankProgress plus(RerankedQuery done, long bound) {
    return new RerankProgress(
        queries + 1,
        allQueries,
        questions + done.asked(),
        allQuestions - bound + done.asked(),
        incomplete + (done.complete() ? 0 : 1));
  }
}
