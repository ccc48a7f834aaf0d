package io.github.lorascope.trec;

import io.github.lorascope.io.FileReadException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what a run has for one query, in whatever order, and puts it into trec_eval's. */
final class RankingBuilder {
  private final Path file;
  private final String query;
  private final List<ScoredDocument> documents = new ArrayList<>();
  private final Map<String, Long> lines = new HashMap<>();

  RankingBuilder(Path file, String query) {
    this.file = file;
    this.query = query;
  }

  void add(RunLines.Line line) {
    ScoredDocument document = line.document();
    Long before = lines.putIfAbsent(document.id(), line.number());
    if (before != null) {
      throw new FileReadException(
          file
              + ", line "
              + line.number()
              + " has document "
              + document.id()
              + " for query "
              + query
              + " again, after line "
              + before
              + "; a run has a document once a query: remove one of the two");
    }
    documents.add(document);
  }

  int size() {
    return documents.size();
  }

  QueryRanking build() {
    documents.sort(ScoredDocument.ORDER);
    return new QueryRanking(query, documents);
  }
}
