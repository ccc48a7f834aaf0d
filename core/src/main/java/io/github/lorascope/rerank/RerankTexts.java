package io.github.lorascope.rerank;

import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.RunReader;
import io.github.lorascope.trec.ScoredDocument;
import io.github.lorascope.trec.TextReader;
import io.github.lorascope.trec.TrecException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;

/**
 * The texts that the reranking of a run asks about: its queries, and the passages of the first
 * documents of each.
 *
 * @param queries by query id
 * @param passages by document id
 */
record RerankTexts(Map<String, String> queries, Map<String, String> passages) {

  /**
   * Reads what is needed for some queries of a run, in one pass over the collection.
   *
   * @param wanted the queries
   * @param topK how many documents of each
   * @param progress is told which share of the collection was read
   */
  static RerankTexts read(
      RunFile run,
      Set<String> wanted,
      int topK,
      Path queryFile,
      Path collection,
      DoubleConsumer progress) {
    Map<String, String> queries = TextReader.select(queryFile, wanted::contains, share -> {});
    for (String query : wanted) {
      if (!queries.containsKey(query)) {
        throw new TrecException(
            queryFile + " lacks query " + query + " of " + run.path() + "; give its queries");
      }
    }
    Set<String> documents = new HashSet<>();
    forEach(run, wanted, topK, (query, document) -> documents.add(document));
    Map<String, String> passages = TextReader.select(collection, documents::contains, progress);
    if (passages.size() < documents.size()) {
      forEach(
          run,
          wanted,
          topK,
          (query, document) -> {
            if (!passages.containsKey(document)) {
              int missing = documents.size() - passages.size();
              throw new TrecException(
                  collection
                      + " lacks "
                      + missing
                      + (missing == 1 ? " document" : " documents")
                      + " of "
                      + run.path()
                      + ", such as "
                      + document
                      + " of query "
                      + query
                      + "; give the collection that the run was made of");
            }
          });
    }
    return new RerankTexts(queries, passages);
  }

  /** What is done with a document that a query has. */
  private interface Use {
    void accept(String query, String document);
  }

  private static void forEach(RunFile run, Set<String> wanted, int topK, Use use) {
    try (RunReader reader = run.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        if (wanted.contains(of.query())) {
          List<ScoredDocument> documents = of.documents();
          for (ScoredDocument document : documents.subList(0, Math.min(topK, documents.size()))) {
            use.accept(of.query(), document.id());
          }
        }
      }
    }
  }
}
