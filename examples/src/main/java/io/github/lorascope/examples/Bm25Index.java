package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.FileDigest;
import io.github.lorascope.trec.IdentifiedText;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import io.github.lorascope.trec.TextReader;
import io.github.lorascope.trec.TrecException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogByteSizeMergePolicy;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * A Lucene index of a collection, searched by BM25: English stop words left out, words stemmed by
 * Porter's rules, every word of a query optional. Of passages with equal scores the earlier of the
 * collection comes first.
 */
final class Bm25Index implements AutoCloseable {
  private static final String ID = "id";
  private static final String TEXT = "text";
  private static final String COLLECTION = "collection_sha256";
  private static final int PASSAGES_A_REPORT = 1 << 12;

  private final Path folder;
  private final Analyzer analyzer;
  private final Directory directory;
  private final DirectoryReader reader;
  private final IndexSearcher searcher;

  private Bm25Index(Path folder, Analyzer analyzer, Directory directory) throws IOException {
    this.folder = folder;
    this.analyzer = analyzer;
    this.directory = directory;
    this.reader = DirectoryReader.open(directory);
    this.searcher = new IndexSearcher(reader);
  }

  /**
   * Opens the index in a folder, after making it if there is none. One that was not finished is
   * made anew.
   *
   * @param progress is told which share of the collection is indexed; it may throw to end it
   * @throws TrecException if the folder has an index of another collection
   */
  static Bm25Index open(Path folder, Path collection, DoubleConsumer progress) {
    Analyzer analyzer = new EnglishAnalyzer();
    String hash = FileDigest.sha256(collection);
    try {
      Directory directory = FSDirectory.open(folder);
      try {
        if (!DirectoryReader.indexExists(directory)) {
          index(collection, hash, analyzer, directory, progress);
        }
        Bm25Index index = new Bm25Index(folder, analyzer, directory);
        if (!hash.equals(index.reader.getIndexCommit().getUserData().get(COLLECTION))) {
          throw new TrecException(
              folder
                  + " has an index of something else than "
                  + collection
                  + "; give another folder, or remove it");
        }
        return index;
      } catch (IOException | RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private static LorascopeException failed(Path folder, IOException e) {
    return new LorascopeException("cannot use the index in " + folder + ": " + e, e);
  }

  private static void index(
      Path collection, String hash, Analyzer analyzer, Directory directory, DoubleConsumer progress)
      throws IOException {
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setOpenMode(IndexWriterConfig.OpenMode.CREATE)
            .setCommitOnClose(false)
            // merges neighbours alone, so that the order of the collection breaks ties
            .setMergePolicy(new LogByteSizeMergePolicy());
    try (IndexWriter writer = new IndexWriter(directory, config);
        TextReader passages = TextReader.open(collection)) {
      long count = 0;
      for (IdentifiedText passage = passages.next(); passage != null; passage = passages.next()) {
        Document document = new Document();
        document.add(new StoredField(ID, passage.id()));
        document.add(new TextField(TEXT, passage.text(), Field.Store.NO));
        writer.addDocument(document);
        if (++count % PASSAGES_A_REPORT == 0) {
          progress.accept(passages.share());
        }
      }
      writer.setLiveCommitData(Map.of(COLLECTION, hash).entrySet());
      writer.commit();
    }
    progress.accept(1);
  }

  /** Sets BM25's parameters; the index holds for any. */
  void parameters(float k1, float b) {
    searcher.setSimilarity(new BM25Similarity(k1, b));
  }

  /** Finds the best passages; none for a query without a word that counts. */
  QueryRanking search(IdentifiedText query, int hits) {
    Query words = new QueryBuilder(analyzer).createBooleanQuery(TEXT, query.text());
    Map<String, ScoredDocument> found = new LinkedHashMap<>();
    try {
      if (words != null) {
        for (ScoreDoc hit : searcher.search(words, hits).scoreDocs) {
          String id = searcher.storedFields().document(hit.doc).get(ID);
          if (found.put(id, new ScoredDocument(id, hit.score)) != null) {
            throw new TrecException(
                "the collection has the id " + id + " more than once; an id stands for one text");
          }
        }
      }
    } catch (IOException e) {
      throw failed(folder, e);
    }
    return new QueryRanking(query.id(), found.values().stream().toList());
  }

  @Override
  public void close() {
    try {
      reader.close();
      directory.close();
    } catch (IOException e) {
      throw failed(folder, e);
    }
    analyzer.close();
  }
}
