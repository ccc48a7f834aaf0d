package io.github.lorascope.rerank;

import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingException;
import java.util.ArrayList;
import java.util.List;

/**
 * A passage in its place.
 *
 * @param index where it stood in the list that was ranked, from 0
 * @param passage its text
 * @param score mean probability of being preferred to each of the others, over both positions, from
 *     0 to 1; of a ranking by a {@link io.github.lorascope.ranking.Ranker}, its score
 */
public record RankedPassage(int index, String passage, double score) {
  /**
   * Checks that a scorer has ranked every passage once: what takes the best ones of a shorter list
   * for all would lose the others.
   *
   * @param ranked what {@link PairScorer#rank(String, List)} returned
   * @param passages how many it was given
   * @return the same
   * @throws io.github.lorascope.ranking.RankingException if one is missing or there twice
   */
  public static List<RankedPassage> requireAll(List<RankedPassage> ranked, int passages) {
    long different =
        ranked.stream()
            .mapToInt(RankedPassage::index)
            .filter(index -> index >= 0 && index < passages)
            .distinct()
            .count();
    if (ranked.size() != passages || different != passages) {
      throw new RankingException(
          "the scorer ranked "
              + different
              + " of "
              + passages
              + " passages: rank has to return each of them once, the best first");
    }
    return ranked;
  }

  /**
   * Puts passages in the order of a ranking.
   *
   * @param ranking the ranking
   * @param passages what was ranked, in the order in which it was given
   * @return the passages, the best first
   * @throws IllegalArgumentException if the ranking is of another number of passages
   */
  public static List<RankedPassage> listOf(Ranking ranking, List<String> passages) {
    if (ranking.order().size() != passages.size()) {
      throw new IllegalArgumentException(
          "a ranking of " + ranking.order().size() + " items for " + passages.size() + " passages");
    }
    List<RankedPassage> ranked = new ArrayList<>();
    for (int place = 0; place < passages.size(); place++) {
      int index = ranking.order().get(place);
      ranked.add(new RankedPassage(index, passages.get(index), ranking.scores().get(place)));
    }
    return ranked;
  }
}
