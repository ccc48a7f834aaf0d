package io.github.lorascope.integration.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.rag.AugmentationRequest;
import dev.langchain4j.rag.AugmentationResult;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.RankingException;
import io.github.lorascope.ranking.RankingStrategy;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.RankedPassage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairwiseScoringModelTest {
  private final List<PassagePair> asked = new ArrayList<>();
  private final PairwiseScoringModel model = new PairwiseScoringModel(this::longer);

  /** Prefers the passage with more letters, surely. */
  private List<PairScore> longer(List<PassagePair> pairs) {
    asked.addAll(pairs);
    return pairs.stream()
        .map(p -> new PairScore(100.0 * p.a().length(), 100.0 * p.b().length()))
        .toList();
  }

  private static List<TextSegment> segments(String... texts) {
    return List.of(texts).stream().map(TextSegment::from).toList();
  }

  private void assertScores(List<Double> expected, List<TextSegment> segments) {
    List<Double> scores = model.scoreAll(segments, "q").content();
    assertEquals(expected.size(), scores.size());
    for (int i = 0; i < scores.size(); i++) {
      assertEquals(expected.get(i), scores.get(i), 1e-9, "segment " + i);
    }
  }

  @Test
  void scoresComeInTheOrderOfTheSegments() {
    assertScores(List.of(1 / 3.0, 1.0, 0.0, 2 / 3.0), segments("bb", "dddd", "a", "ccc"));
    assertEquals(4 * 3, asked.size());
    assertTrue(asked.stream().allMatch(p -> p.query().equals("q")));
  }

  @Test
  void aStrategyAsksLess() {
    PairScorer scorer = this::longer;
    Ranker ranker = Ranker.of(RankingStrategy.tournament()).withWanted(1).inOnePosition();
    PairwiseScoringModel bounded = new PairwiseScoringModel(scorer.rankingBy(ranker));
    List<Double> scores = bounded.scoreAll(segments("bb", "dddd", "a", "ccc"), "q").content();
    assertEquals(1.0, scores.get(1));
    assertEquals(3, asked.size());
  }

  @Test
  void aScorerThatKeepsTheBestAloneIsRefused() {
    PairScorer best =
        new PairScorer() {
          @Override
          public List<PairScore> score(List<PassagePair> pairs) {
            return longer(pairs);
          }

          @Override
          public List<RankedPassage> rank(String query, List<String> passages) {
            return PairScorer.super.rank(query, passages).subList(0, 2);
          }
        };
    PairwiseScoringModel cut = new PairwiseScoringModel(best);
    String message =
        assertThrows(RankingException.class, () -> cut.scoreAll(segments("bb", "c", "a"), "q"))
            .getMessage();
    assertTrue(message.contains("ranked 2 of 3 passages"), message);
  }

  @Test
  void equalSegmentsShareAScore() {
    assertScores(List.of(0.25, 1.0, 0.25), segments("a", "bb", "a"));
  }

  @Test
  void oneOrNoneTakesNoQuestion() {
    assertScores(List.of(), List.of());
    assertScores(List.of(1.0), segments("alone"));
    assertEquals(1, model.score("alone", "q").content());
    assertEquals(List.of(), asked);
  }

  @Test
  void anAugmentorInjectsTheBestContentsFirst() {
    ContentRetriever retriever =
        query ->
            List.of("bb", "dddd", "a", "ccc").stream()
                .map(text -> Content.from(TextSegment.from(text, Metadata.from("from", text))))
                .toList();
    DefaultRetrievalAugmentor augmentor =
        DefaultRetrievalAugmentor.builder()
            .contentRetriever(retriever)
            .contentAggregator(
                ReRankingContentAggregator.builder()
                    .scoringModel(model)
                    .minScore(0.5)
                    .maxResults(3)
                    .build())
            .build();
    UserMessage message = UserMessage.from("the question");
    AugmentationResult result =
        augmentor.augment(
            new AugmentationRequest(
                message, dev.langchain4j.rag.query.Metadata.from(message, "memory", List.of())));
    List<Content> contents = result.contents();
    assertEquals(
        List.of("dddd", "ccc"), contents.stream().map(c -> c.textSegment().text()).toList());
    assertEquals("dddd", contents.get(0).textSegment().metadata().getString("from"));
    assertEquals(
        2 / 3.0, (double) contents.get(1).metadata().get(ContentMetadata.RERANKED_SCORE), 1e-9);
    assertTrue(asked.stream().allMatch(p -> p.query().equals("the question")));
    String text = ((UserMessage) result.chatMessage()).singleText();
    assertTrue(text.indexOf("dddd") > 0 && text.indexOf("dddd") < text.indexOf("ccc"), text);
  }
}
