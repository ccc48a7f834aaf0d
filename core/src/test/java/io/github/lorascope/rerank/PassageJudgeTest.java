package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.ranking.Aggregation;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingException;
import io.github.lorascope.ranking.RankingStrategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A scorer that never gives the same answer twice, as a model that rounds differently. */
class PassageJudgeTest {
  private static final List<String> PASSAGES = List.of("cat", "dog", "cat", "emu", "dog", "cat");

  private final List<PassagePair> asked = new ArrayList<>();
  private final PairScorer unsteady = this::answer;

  private List<PairScore> answer(List<PassagePair> pairs) {
    List<PairScore> scores = new ArrayList<>();
    for (PassagePair pair : pairs) {
      asked.add(pair);
      double logit = Math.signum(pair.b().compareTo(pair.a())) - 1e-6 * asked.size();
      scores.add(new PairScore(logit, 0));
    }
    return scores;
  }

  @Test
  void equalPassagesAreEqualWhateverIsAsked() {
    for (RankingStrategy strategy :
        List.of(
            RankingStrategy.allPairs(),
            RankingStrategy.heapsort(),
            RankingStrategy.tournament(),
            RankingStrategy.slidingWindow(6))) {
      Ranking ranking = unsteady.rank("which?", PASSAGES, Ranker.of(strategy));
      assertEquals(List.of(0, 2, 5, 1, 4, 3), ranking.order(), strategy.name());
    }
    for (Aggregation aggregation :
        List.of(
            Aggregation.meanProbability(), Aggregation.copeland(), Aggregation.bradleyTerry())) {
      Ranker ranker = Ranker.of(RankingStrategy.allPairs()).withAggregation(aggregation);
      List<Double> scores = unsteady.rank("which?", PASSAGES, ranker).scores();
      assertEquals(scores.get(0), scores.get(2), 1e-12);
      assertEquals(scores.get(3), scores.get(4), 1e-12);
      assertTrue(scores.get(2) > scores.get(3) && scores.get(4) > scores.get(5));
    }
  }

  @Test
  void aPassageThatIsMissingIsNamed() {
    List<String> passages = Arrays.asList("cat", null);
    String message =
        assertThrows(NullPointerException.class, () -> unsteady.rank("which?", passages))
            .getMessage();
    assertEquals("passage 1", message);
    assertTrue(asked.isEmpty());
  }

  @Test
  void inOnePositionEqualPassagesKeepTheirOrderAmongThemselves() {
    PairScorer biased = pairs -> pairs.stream().map(pair -> new PairScore(-0.5, 0)).toList();
    Ranker one = Ranker.of(RankingStrategy.allPairs()).inOnePosition();
    assertEquals(List.of(0, 1), biased.rank("which?", List.of("cat", "cat"), one).order());
  }

  @Test
  void eachQuestionNeedsAnAnswer() {
    PairScorer lazy = pairs -> List.of();
    for (List<String> passages : List.of(List.of("cat", "dog", "cat"), List.of("cat", "dog"))) {
      String message =
          assertThrows(RankingException.class, () -> lazy.rank("which?", passages)).getMessage();
      assertTrue(message.contains(" questions got 0 answers"), message);
    }
  }

  @Test
  void theSameQuestionIsAskedOnce() {
    assertEquals(
        30, unsteady.rank("which?", PASSAGES, Ranker.of(RankingStrategy.allPairs())).asked());
    assertEquals(6, asked.size()); // of three texts
    assertEquals(6, new HashSet<>(asked).size());
  }
}
