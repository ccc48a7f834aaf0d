package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairScorerTest {
  private static final List<String> PASSAGES = List.of("cat", "fox", "ant", "emu", "dog", "bee");

  private final List<PassagePair> asked = new ArrayList<>();

  /** Prefers what comes later in the alphabet. */
  private final PairScorer scorer =
      pairs -> {
        asked.addAll(pairs);
        return pairs.stream().map(p -> new PairScore(p.a().compareTo(p.b()), 0)).toList();
      };

  @Test
  void whatTakesAScorerAloneMayAskLess() {
    PairScorer less =
        scorer.rankingBy(Ranker.of(RankingStrategy.tournament()).withWanted(1).inOnePosition());
    List<RankedPassage> best = less.rank("which?", PASSAGES);
    assertEquals("fox", best.get(0).passage());
    assertEquals(1, best.get(0).index());
    assertEquals(1, best.get(0).score());
    assertEquals(PASSAGES.size(), best.size());
    assertEquals(PASSAGES.size() - 1, asked.size());
    asked.clear();
    scorer.rank("which?", PASSAGES);
    assertEquals(30, asked.size());
    assertTrue(less.prefer("which?", "fox", "ant") > 0.5);
    Ranker all = Ranker.of(RankingStrategy.allPairs());
    assertEquals(
        scorer.rank("which?", PASSAGES, all).order(), less.rank("which?", PASSAGES, all).order());
  }

  @Test
  void aRankingOfOtherPassagesIsRefused() {
    Ranking ranking = scorer.rank("which?", PASSAGES, Ranker.of(RankingStrategy.heapsort()));
    List<RankedPassage> listed = RankedPassage.listOf(ranking, PASSAGES);
    assertEquals(
        List.of("fox", "emu", "dog", "cat", "bee", "ant"),
        listed.stream().map(RankedPassage::passage).toList());
    List<String> fewer = PASSAGES.subList(0, 5);
    assertThrows(IllegalArgumentException.class, () -> RankedPassage.listOf(ranking, fewer));
  }
}
