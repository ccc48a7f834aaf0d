package io.github.lorascope.examples;

import io.github.lorascope.metric.JudgedRanking;
import io.github.lorascope.metric.RankingMeasure;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import io.github.lorascope.rerank.PairScorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A query whose every two passages were asked about in both positions, so that any strategy can be
 * tried without asking again.
 *
 * @param candidates query and passages, in the order of the first stage
 * @param all the ranking by all answers
 */
record AnsweredQuery(Candidates candidates, Ranking all) {
  static AnsweredQuery ask(PairScorer scorer, Candidates candidates) {
    Ranker everything = Ranker.of(RankingStrategy.allPairs());
    return new AnsweredQuery(
        candidates, scorer.rank(candidates.query(), candidates.passages(), everything));
  }

  /** The first stage's order. */
  List<Integer> asFound() {
    return IntStream.range(0, candidates.passages().size()).boxed().toList();
  }

  /** The next random order. */
  List<Integer> shuffled(Random random) {
    List<Integer> order = new ArrayList<>(asFound());
    Collections.shuffle(order, random);
    return order;
  }

  /** Ranks by the answers that are there, from an order to begin with. */
  Ranking rank(Ranker ranker, List<Integer> start) {
    return ranker.rank(
        start.size(),
        questions ->
            questions.stream()
                .mapToDouble(q -> all.answers().shown(start.get(q.first()), start.get(q.second())))
                .toArray());
  }

  /**
   * Measures an order.
   *
   * @param order places in a starting order, the best first
   * @param start the starting order
   */
  double measure(RankingMeasure measure, List<Integer> order, List<Integer> start) {
    int[] ranked =
        order.stream()
            .map(place -> candidates.passages().get(start.get(place)))
            .mapToInt(passage -> candidates.relevant().contains(passage) ? 1 : 0)
            .toArray();
    int[] judged = new int[candidates.relevant().size()];
    Arrays.fill(judged, 1);
    return measure.of(new JudgedRanking(ranked, judged));
  }
}
