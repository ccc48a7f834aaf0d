package io.github.lorascope.rerank;

import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.RunReader;
import io.github.lorascope.trec.RunWriter;
import io.github.lorascope.trec.ScoredDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Puts reranked documents before the others of their query. */
final class RerankedRun {
  private RerankedRun() {}

  /**
   * Writes a whole run.
   *
   * @param reranked the first documents of every query of the first stage, in its order of queries
   */
  static void write(RunFile firstStage, List<QueryRanking> reranked, RunWriter writer)
      throws IOException {
    Iterator<QueryRanking> first = reranked.iterator();
    try (RunReader reader = firstStage.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        writer.write(merged(of, first.next()));
      }
    }
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
