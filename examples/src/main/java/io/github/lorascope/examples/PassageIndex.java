package io.github.lorascope.examples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.QueryBuilder;

/** A Lucene index of passages in memory, which keeps their texts: a first stage to be reranked. */
final class PassageIndex implements AutoCloseable {
  /** The field that holds a passage. */
  static final String TEXT = "text";

  private final Analyzer analyzer = new EnglishAnalyzer();
  private final Directory directory = new ByteBuffersDirectory();
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private PassageIndex(Collection<String> passages) throws IOException {
    try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
      for (String passage : passages) {
        Document document = new Document();
        document.add(new TextField(TEXT, passage, Field.Store.YES));
        writer.addDocument(document);
      }
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
  }

  static PassageIndex of(Collection<String> passages) throws IOException {
    return new PassageIndex(passages);
  }

  IndexSearcher searcher() {
    return searcher;
  }

  /** Makes a query of a text, every word optional; it finds nothing if no word counts. */
  Query words(String text) {
    Query words = new QueryBuilder(analyzer).createBooleanQuery(TEXT, text);
    return words == null ? new MatchNoDocsQuery() : words;
  }

  /** Finds the best passages by BM25. */
  List<Hit> search(String query, int hits) throws IOException {
    return read(searcher.search(words(query), hits));
  }

  /** Reads the passages of hits. */
  List<Hit> read(TopDocs found) throws IOException {
    StoredFields stored = searcher.storedFields();
    List<Hit> hits = new ArrayList<>();
    for (ScoreDoc hit : found.scoreDocs) {
      hits.add(new Hit(stored.document(hit.doc).get(TEXT), hit.score));
    }
    return hits;
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
    analyzer.close();
  }
}
