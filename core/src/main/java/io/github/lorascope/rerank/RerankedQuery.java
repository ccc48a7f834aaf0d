package io.github.lorascope.rerank;

import io.github.lorascope.trec.QueryRanking;

/**
 * A query that is reranked.
 *
 * @param ranking its first documents in their new order
 * @param asked how many questions that took
 * @param complete whether the budget did not end it
 */
record RerankedQuery(QueryRanking ranking, long asked, boolean complete) {}
