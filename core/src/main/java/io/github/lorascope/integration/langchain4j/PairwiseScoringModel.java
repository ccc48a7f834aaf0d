package io.github.lorascope.integration.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.RankedPassage;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Scores segments by asking about pairs of them, as {@code ReRankingContentAggregator} wants it.
 * Immutable, and thread-safe if what answers the pairs is, as {@link
 * io.github.lorascope.rerank.Reranker} is.
 *
 * <p>A score, 0 to 1, is the mean probability of being preferred to the other segments of the same
 * call: it orders them, and says nothing beside another call's. One segment alone has 1. Since n
 * segments take n (n - 1) questions, let the retriever return some twenty.
 *
 * <pre>{@code
 * import dev.langchain4j.rag.DefaultRetrievalAugmentor;
 * import dev.langchain4j.rag.RetrievalAugmentor;
 * import dev.langchain4j.rag.content.aggregator.ContentAggregator;
 * import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
 *
 * ContentAggregator best =
 *     ReRankingContentAggregator.builder()
 *         .scoringModel(new PairwiseScoringModel(reranker))
 *         .maxResults(5)
 *         .build();
 * RetrievalAugmentor augmentor =
 *     DefaultRetrievalAugmentor.builder()
 *         .contentRetriever(retriever)
 *         .contentAggregator(best)
 *         .build();
 * }</pre>
 */
public final class PairwiseScoringModel implements ScoringModel {
  private final PairScorer scorer;

  /**
   * Creates a model.
   *
   * @param scorer what ranks the segments' texts
   */
  public PairwiseScoringModel(PairScorer scorer) {
    this.scorer = Objects.requireNonNull(scorer, "scorer");
  }

  /**
   * Scores segments beside each other.
   *
   * @param segments the segments, possibly none
   * @param query the query
   * @return a score of each, 0 to 1, in the order of the segments; tokens are not counted
   * @throws io.github.lorascope.prompt.PromptException if the query leaves no room for the segments
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  @Override
  public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
    Double[] scores = new Double[segments.size()];
    if (scores.length > 0) {
      List<String> passages = segments.stream().map(TextSegment::text).toList();
      for (RankedPassage passage :
          RankedPassage.requireAll(scorer.rank(query, passages), passages.size())) {
        scores[passage.index()] = passage.score();
      }
    }
    return Response.from(Arrays.asList(scores));
  }
}
