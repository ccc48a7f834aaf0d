package io.github.lorascope.rerank;

import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.RunReader;
import io.github.lorascope.trec.RunWriter;
import io.github.lorascope.trec.ScoredDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts reranked documents before the others of their query. */
final class RerankedRun {
  private RerankedRun() {}

  /**
   * Writes a whole run.
   *
   * @param reranked the first documents of every query of the first stage, in any order of queries
   * @throws ResumeException if a query has none of them, or more than once
   */
  static void write(RunFile firstStage, List<QueryRanking> reranked, RunWriter writer)
      throws IOException {
    Map<String, QueryRanking> first = new HashMap<>();
    for (QueryRanking ranking : reranked) {
      if (first.put(ranking.query(), ranking) != null) {
        throw unlike(ranking.query(), "more than once");
      }
    }
    try (RunReader reader = firstStage.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        QueryRanking ranking = first.get(of.query());
        if (ranking == null) {
          throw unlike(of.query(), "not at all");
        }
        writer.write(merged(of, ranking));
      }
    }
  }

  private static ResumeException unlike(String query, String how) {
    return new ResumeException(
        "what was reranked so far has the query "
            + query
            + " "
            + how
            + ": the file of it was changed; remove it and begin anew");
  }

  private static QueryRanking merged(QueryRanking firstStage, QueryRanking reranked) {
    List<ScoredDocument> documents = new ArrayList<>(reranked.documents());
    int first = documents.size();
    List<ScoredDocument> others =
        firstStage.documents().subList(first, firstStage.documents().size());
    for (ScoredDocument other : others) {
      documents.add(new ScoredDocument(other.id(), first - documents.size() - 1));
    }
    return new QueryRanking(firstStage.query(), documents);
  }
}
