package io.github.lorascope.integration.lucene;

import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.RankedPassage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Rescorer;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;

/**
 * Reranks the first hits of a Lucene search by asking about pairs of their passages, which are read
 * from a stored field. Immutable, and thread-safe if what answers the pairs is, as {@link
 * io.github.lorascope.rerank.Reranker} is.
 *
 * <p>A reranked hit has the score of its {@link RankedPassage}, 0 to 1. The hits behind them follow
 * in the order of the first pass with the scores -1, -2 and so on, so that sorting by score keeps
 * the order; the first pass's scores are of another kind and could stand above. Hits keep their
 * document and shard, the total its count; sort values of a {@link
 * org.apache.lucene.search.FieldDoc} are left out.
 *
 * <pre>{@code
 * import org.apache.lucene.search.TopDocs;
 *
 * TopDocs hits = searcher.search(words, 100);
 * TopDocs best =
 *     new PairwiseRescorer(reranker, "what is a gene?", "text")
 *         .withTopK(20)
 *         .rescore(searcher, hits, 10);
 * }</pre>
 */
public final class PairwiseRescorer extends Rescorer {
  private static final int TOP_K = 20;

  private final PairScorer scorer;
  private final Supplier<String> query;
  private final String field;
  private final int topK;

  /**
   * Creates a rescorer for one query, of the first 20 hits.
   *
   * @param scorer what ranks the passages
   * @param query the query's text
   * @param field the stored field that holds a document's passage; several values are joined by
   *     spaces
   */
  public PairwiseRescorer(PairScorer scorer, String query, String field) {
    this(scorer, always(query), field);
  }

  /**
   * Creates a rescorer for one query after the other, of the first 20 hits.
   *
   * @param scorer what ranks the passages
   * @param query gives the query's text, once a rescoring
   * @param field the stored field that holds a document's passage; several values are joined by
   *     spaces
   */
  public PairwiseRescorer(PairScorer scorer, Supplier<String> query, String field) {
    this(scorer, query, field, TOP_K);
  }

  private static Supplier<String> always(String query) {
    Objects.requireNonNull(query, "query");
    return () -> query;
  }

  private PairwiseRescorer(PairScorer scorer, Supplier<String> query, String field, int topK) {
    this.scorer = Objects.requireNonNull(scorer, "scorer");
    this.query = Objects.requireNonNull(query, "query");
    this.field = Objects.requireNonNull(field, "field");
    this.topK = topK;
  }

  /**
   * Returns the same for another number of hits.
   *
   * @param hits how many are reranked, at least 1; k (k - 1) pairs are asked about
   * @return the rescorer
   */
  public PairwiseRescorer withTopK(int hits) {
    if (hits < 1) {
      throw new IllegalArgumentException("the first " + hits + " hits: give 1 or more");
    }
    return new PairwiseRescorer(scorer, query, field, hits);
  }

  /**
   * Reranks the first hits. Those that are reranked are as many as told, however few are returned.
   *
   * @param searcher what found the hits
   * @param firstPassTopDocs the hits, the best first; they are not changed
   * @param topN how many are returned at most, 0 or more
   * @return new hits, in their new order
   * @throws IOException if the index cannot be read
   * @throws PassageFieldException if a document lacks the field
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  @Override
  public TopDocs rescore(IndexSearcher searcher, TopDocs firstPassTopDocs, int topN)
      throws IOException {
    if (topN < 0) {
      throw new IllegalArgumentException(topN + " hits: give 0 or more");
    }
    ScoreDoc[] hits = firstPassTopDocs.scoreDocs;
    List<ScoreDoc> rescored = new ArrayList<>(hits.length);
    if (topN > 0) {
      for (RankedPassage passage : rank(searcher, hits)) {
        rescored.add(scored(hits[passage.index()], (float) passage.score()));
      }
      for (int i = rescored.size(); i < hits.length; i++) {
        rescored.add(scored(hits[i], scoreBehind(i)));
      }
    }
    return new TopDocs(
        firstPassTopDocs.totalHits, rescored.stream().limit(topN).toArray(ScoreDoc[]::new));
  }

  private static ScoreDoc scored(ScoreDoc hit, float score) {
    return new ScoreDoc(hit.doc, score, hit.shardIndex);
  }

  /** The score of a hit that is not reranked, from its place in the first pass. */
  private float scoreBehind(int place) {
    return topK - 1f - place;
  }

  private List<RankedPassage> rank(IndexSearcher searcher, ScoreDoc[] hits) throws IOException {
    List<String> passages = passages(searcher, hits);
    return passages.isEmpty()
        ? List.of()
        : RankedPassage.requireAll(scorer.rank(query.get(), passages), passages.size());
  }

  /** The passages of the first hits. */
  private List<String> passages(IndexSearcher searcher, ScoreDoc[] hits) throws IOException {
    StoredFields stored = searcher.storedFields();
    List<String> passages = new ArrayList<>();
    for (ScoreDoc hit : Arrays.asList(hits).subList(0, Math.min(topK, hits.length))) {
      String[] values = stored.document(hit.doc, Set.of(field)).getValues(field);
      if (values.length == 0) {
        throw new PassageFieldException(
            "document "
                + hit.doc
                + " has no stored text in the field '"
                + field
                + "'; name the field that holds the passages, and index it with Field.Store.YES");
      }
      passages.add(String.join(" ", values));
    }
    return passages;
  }

  /**
   * Says that a place depends on the other hits, which are not known here: see {@link
   * #explain(IndexSearcher, TopDocs, int)}.
   *
   * @param searcher what found the hits
   * @param firstPassExplanation how the first pass came to its score
   * @param docID the document
   * @return the first pass's score and explanation
   */
  @Override
  public Explanation explain(IndexSearcher searcher, Explanation firstPassExplanation, int docID) {
    if (!firstPassExplanation.isMatch()) {
      return Explanation.noMatch("no hit of the first pass", firstPassExplanation);
    }
    return Explanation.match(
        firstPassExplanation.getValue(),
        "score of the first pass, whose first "
            + topK
            + " hits are compared with each other; the new score is explained with all of them",
        firstPassExplanation);
  }

  /**
   * Explains a score by the answers about the document and each of the others, for which it ranks
   * anew.
   *
   * @param searcher what found the hits
   * @param firstPassTopDocs the hits, as {@link #rescore} gets them
   * @param docID the document
   * @return its score, and the mean probability over both positions of its being preferred to each
   *     of the others, in the order of the first pass
   * @throws IOException if the index cannot be read
   * @throws PassageFieldException if a document lacks the field
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the passages
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  public Explanation explain(IndexSearcher searcher, TopDocs firstPassTopDocs, int docID)
      throws IOException {
    ScoreDoc[] hits = firstPassTopDocs.scoreDocs;
    int place = 0;
    while (place < hits.length && hits[place].doc != docID) {
      place++;
    }
    if (place == hits.length) {
      return Explanation.noMatch("no hit of the first pass");
    }
    if (place >= topK) {
      return Explanation.match(
          scoreBehind(place),
          "hit " + (place + 1) + " of the first pass, behind the " + topK + " that are reranked");
    }
    return explain(hits, passages(searcher, hits), place);
  }

  private Explanation explain(ScoreDoc[] hits, List<String> passages, int place) {
    String text = query.get();
    List<PassagePair> pairs = new ArrayList<>();
    for (int i = 0; i < passages.size(); i++) {
      if (i != place) {
        pairs.add(new PassagePair(text, passages.get(place), passages.get(i)));
        pairs.add(new PassagePair(text, passages.get(i), passages.get(place)));
      }
    }
    List<PairScore> answers = scorer.score(pairs);
    List<Explanation> details = new ArrayList<>();
    for (int i = 0; i < passages.size() - 1; i++) {
      double mean = (answers.get(2 * i).probability(0) + answers.get(2 * i + 1).probability(1)) / 2;
      int other = hits[i < place ? i : i + 1].doc;
      details.add(
          Explanation.match((float) mean, "probability of being preferred to document " + other));
    }
    double score =
        scorer.rank(text, passages).stream()
            .filter(passage -> passage.index() == place)
            .mapToDouble(RankedPassage::score)
            .findFirst()
            .orElseThrow();
    return Explanation.match(
        (float) score,
        "score among the first " + passages.size() + " hits, from answers about pairs",
        details);
  }
}
