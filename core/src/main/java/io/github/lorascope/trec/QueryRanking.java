package io.github.lorascope.trec;

import java.util.List;

/**
 * What a run has for one query.
 *
 * @param query the query's id
 * @param documents the documents, the best first; each once
 */
public record QueryRanking(String query, List<ScoredDocument> documents) {
  /** Keeps a copy of the list. */
  public QueryRanking {
    documents = List.copyOf(documents);
  }
}
