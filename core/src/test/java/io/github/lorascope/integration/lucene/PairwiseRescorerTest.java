package io.github.lorascope.integration.lucene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PairwiseRescorerTest {
  private static final Query GENE = new TermQuery(new Term("text", "gene"));

  /** BM25 puts the shorter first, so that the names are the order of the first pass. */
  private static final List<String> PASSAGES =
      List.of(
          "gene",
          "gene one",
          "gene one two",
          "gene one two three",
          "gene one two three four",
          "gene one two three four five");

  private final List<PassagePair> asked = new ArrayList<>();
  private final Directory directory = new ByteBuffersDirectory();
  private DirectoryReader reader;
  private IndexSearcher searcher;

  @BeforeEach
  void index() throws IOException {
    try (IndexWriter writer = writer()) {
      for (String passage : PASSAGES) {
        writer.addDocument(document(passage));
        writer.flush(); // a segment each
      }
      writer.addDocument(document("something else"));
    }
    open();
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    directory.close();
  }

  private IndexWriter writer() throws IOException {
    return new IndexWriter(
        directory,
        new IndexWriterConfig(new StandardAnalyzer()).setMergePolicy(NoMergePolicy.INSTANCE));
  }

  private static Document document(String passage) {
    Document document = new Document();
    document.add(new TextField("text", passage, Field.Store.YES));
    document.add(new StringField("length", "" + passage.length(), Field.Store.NO));
    document.add(new NumericDocValuesField("order", passage.length()));
    return document;
  }

  private void open() throws IOException {
    if (reader != null) {
      reader.close();
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
  }

  /** Prefers the passage with more letters, surely. */
  private List<PairScore> longer(List<PassagePair> pairs) {
    asked.addAll(pairs);
    return pairs.stream()
        .map(p -> new PairScore(100.0 * p.a().length(), 100.0 * p.b().length()))
        .toList();
  }

  private PairwiseRescorer rescorer() {
    return new PairwiseRescorer(this::longer, "what is a gene?", "text");
  }

  private List<String> texts(TopDocs hits) throws IOException {
    List<String> texts = new ArrayList<>();
    for (ScoreDoc hit : hits.scoreDocs) {
      texts.add(searcher.storedFields().document(hit.doc).get("text"));
    }
    return texts;
  }

  private static float[] scores(TopDocs hits) {
    float[] scores = new float[hits.scoreDocs.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = hits.scoreDocs[i].score;
    }
    return scores;
  }

  private static List<String> passages(int... indices) {
    return Arrays.stream(indices).mapToObj(PASSAGES::get).toList();
  }

  @Test
  void theFirstHitsAreReorderedAndTheOthersFollow() throws IOException {
    TopDocs hits = searcher.search(GENE, 10);
    assertEquals(PASSAGES, texts(hits));
    float[] before = scores(hits);
    TopDocs all = rescorer().withTopK(4).rescore(searcher, hits, 10);
    assertEquals(passages(3, 2, 1, 0, 4, 5), texts(all));
    assertArrayEquals(new float[] {1, 2 / 3f, 1 / 3f, 0, -1, -2}, scores(all), 1e-6f);
    assertEquals(4 * 3, asked.size());
    assertTrue(asked.stream().allMatch(p -> p.query().equals("what is a gene?")));
    assertEquals(6, all.totalHits.value);
    assertEquals(PASSAGES, texts(hits), "the first pass's hits are changed");
    assertArrayEquals(before, scores(hits), "the first pass's scores are changed");
  }

  @Test
  void fewerAreReturnedThanAreReranked() throws IOException {
    TopDocs hits = searcher.search(GENE, 10);
    TopDocs best = rescorer().rescore(searcher, hits, 2);
    assertEquals(passages(5, 4), texts(best));
    assertArrayEquals(new float[] {1, 0.8f}, scores(best), 1e-6f);
    assertEquals(6, best.totalHits.value);
  }

  @Test
  void noHitsOrNoneToReturnTakeNoQuestion() throws IOException {
    TopDocs none = searcher.search(new TermQuery(new Term("text", "cheese")), 10);
    assertEquals(0, rescorer().rescore(searcher, none, 10).scoreDocs.length);
    TopDocs hits = searcher.search(GENE, 10);
    assertEquals(0, rescorer().rescore(searcher, hits, 0).scoreDocs.length);
    assertEquals(List.of(), asked);
    assertThrows(IllegalArgumentException.class, () -> rescorer().rescore(searcher, hits, -1));
    assertThrows(IllegalArgumentException.class, () -> rescorer().withTopK(0));
  }

  @Test
  void oneHitStays() throws IOException {
    TopDocs one = rescorer().rescore(searcher, searcher.search(GENE, 1), 10);
    assertEquals(passages(0), texts(one));
    assertArrayEquals(new float[] {1}, scores(one));
    assertEquals(List.of(), asked);
  }

  @Test
  void deletedDocumentsAreNotAskedAbout() throws IOException {
    try (IndexWriter writer = writer()) {
      writer.deleteDocuments(new Term("length", "" + PASSAGES.get(1).length()));
      writer.deleteDocuments(new Term("length", "" + PASSAGES.get(5).length()));
    }
    TopDocs earlier = searcher.search(GENE, 10);
    assertEquals(
        passages(5, 4, 3, 2, 1, 0),
        texts(rescorer().rescore(searcher, earlier, 10)),
        "a searcher sees what it was opened on");
    asked.clear();
    open();
    TopDocs left = rescorer().rescore(searcher, searcher.search(GENE, 10), 10);
    assertEquals(passages(4, 3, 2, 0), texts(left));
    assertTrue(
        asked.stream().noneMatch(p -> Set.copyOf(passages(1, 5)).contains(p.a())), "" + asked);
  }

  @Test
  void hitsKeepTheirShardAndMayBeSorted() throws IOException {
    Sort sort = new Sort(new SortField("order", SortField.Type.INT, true));
    TopDocs hits = searcher.search(GENE, 10, sort);
    for (int i = 0; i < hits.scoreDocs.length; i++) {
      hits.scoreDocs[i].shardIndex = 7 + i;
    }
    assertEquals(passages(5, 4, 3, 2, 1, 0), texts(hits));
    PairScorer shorter =
        pairs -> pairs.stream().map(p -> new PairScore(-p.a().length(), -p.b().length())).toList();
    TopDocs back = new PairwiseRescorer(shorter, "q", "text").rescore(searcher, hits, 10);
    assertEquals(PASSAGES, texts(back));
    assertEquals(
        List.of(12, 11, 10, 9, 8, 7),
        Arrays.stream(back.scoreDocs).map(hit -> hit.shardIndex).toList());
  }

  /** Shards are rescored by their own searchers and merged by the new scores. */
  @Test
  void rescoredShardsMerge() throws IOException {
    TopDocs hits = searcher.search(GENE, 10);
    TopDocs[] shards = new TopDocs[2];
    for (int i = 0; i < 2; i++) {
      ScoreDoc[] half = Arrays.copyOfRange(hits.scoreDocs, 3 * i, 3 * i + 3);
      shards[i] =
          rescorer()
              .withTopK(2)
              .rescore(
                  searcher, new TopDocs(new TotalHits(3, TotalHits.Relation.EQUAL_TO), half), 3);
    }
    assertEquals(passages(1, 4, 0, 3, 2, 5), texts(TopDocs.merge(10, shards)));
  }

  @Test
  void theQueryMayComeFromAFunction() throws IOException {
    List<String> queries = new ArrayList<>(List.of("first", "second"));
    PairwiseRescorer rescorer = new PairwiseRescorer(this::longer, () -> queries.remove(0), "text");
    TopDocs hits = searcher.search(GENE, 2);
    rescorer.rescore(searcher, hits, 2);
    rescorer.rescore(searcher, hits, 2);
    assertEquals(
        List.of("first", "first", "second", "second"),
        asked.stream().map(PassagePair::query).toList());
  }

  @Test
  void aDocumentWithoutTheFieldIsRefused() throws IOException {
    TopDocs hits = searcher.search(GENE, 3);
    LorascopeException absent =
        assertThrows(
            PassageFieldException.class,
            () -> new PairwiseRescorer(this::longer, "q", "body").rescore(searcher, hits, 3));
    assertEquals(
        "document "
            + hits.scoreDocs[0].doc
            + " has no stored text in the field 'body'; name the field that holds the passages,"
            + " and index it with Field.Store.YES",
        absent.getMessage());
    assertThrows(
        PassageFieldException.class,
        () -> new PairwiseRescorer(this::longer, "q", "length").rescore(searcher, hits, 3),
        "a field that is indexed but not stored");
    assertEquals(List.of(), asked);
  }

  @Test
  void severalValuesAreOnePassage() throws IOException {
    try (IndexWriter writer = writer()) {
      Document document = document("gene");
      document.add(new TextField("text", "by parts", Field.Store.YES));
      document.add(new StoredField("other", "unread"));
      writer.addDocument(document);
    }
    open();
    rescorer().rescore(searcher, searcher.search(GENE, 10), 10);
    assertTrue(asked.stream().anyMatch(p -> p.a().equals("gene by parts")), "" + asked);
  }

  @Test
  void anExplanationTellsTheAnswersAboutEachOther() throws IOException {
    PairScorer unsure =
        pairs ->
            pairs.stream()
                .map(p -> new PairScore(p.a().length() / 4.0 + 0.5, p.b().length() / 4.0))
                .toList();
    PairwiseRescorer rescorer = new PairwiseRescorer(unsure, "q", "text").withTopK(3);
    TopDocs hits = searcher.search(GENE, 10);
    TopDocs rescored = rescorer.rescore(searcher, hits, 10);
    for (ScoreDoc hit : rescored.scoreDocs) {
      Explanation why = rescorer.explain(searcher, hits, hit.doc);
      assertTrue(why.isMatch());
      assertEquals(hit.score, why.getValue().floatValue(), 1e-6);
      if (hit.score >= 0) {
        assertEquals(2, why.getDetails().length);
        assertEquals(
            hit.score,
            Arrays.stream(why.getDetails())
                .mapToDouble(detail -> detail.getValue().doubleValue())
                .average()
                .orElseThrow(),
            1e-6);
      }
    }
    Explanation first = rescorer.explain(searcher, hits, hits.scoreDocs[1].doc).getDetails()[1];
    assertEquals(
        "probability of being preferred to document " + hits.scoreDocs[2].doc,
        first.getDescription());
    // 8 letters against 12, with half a nat for the place: each position, then their mean
    double expected = (1 / (1 + Math.exp(1 - 0.5)) + 1 / (1 + Math.exp(1 + 0.5))) / 2;
    assertEquals(expected, first.getValue().doubleValue(), 1e-6);
    Explanation last = rescorer.explain(searcher, hits, hits.scoreDocs[5].doc);
    assertEquals("hit 6 of the first pass, behind the 3 that are reranked", last.getDescription());
    assertFalse(rescorer.explain(searcher, hits, reader.maxDoc() - 1).isMatch());
  }

  @Test
  void lucenesOwnExplanationKeepsThatOfTheFirstPass() throws IOException {
    TopDocs hits = searcher.search(GENE, 10);
    int document = hits.scoreDocs[2].doc;
    Explanation bm25 = searcher.explain(GENE, document);
    Explanation why = rescorer().explain(searcher, bm25, document);
    assertTrue(why.isMatch());
    assertEquals(bm25.getValue(), why.getValue());
    assertEquals(bm25, why.getDetails()[0]);
    assertTrue(why.getDescription().toLowerCase(Locale.ROOT).contains("first 20 hits"));
    assertFalse(
        rescorer().explain(searcher, searcher.explain(GENE, reader.maxDoc() - 1), 6).isMatch());
    assertEquals(List.of(), asked);
  }
}
