package io.github.lorascope.rerank;

import io.github.lorascope.ranking.ItemPair;
import io.github.lorascope.ranking.PairJudge;
import io.github.lorascope.ranking.RankingException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Puts a ranking's questions about passages to a scorer. Where a text is there twice, it asks the
 * same question once: asked in another company, a model rounds otherwise. Between two passages of
 * the same text there is nothing to ask.
 */
final class PassageJudge implements PairJudge {
  private static final double EQUAL = 0.5;

  private final PairScorer scorer;
  private final String query;
  private final List<String> passages;
  private final boolean repeats;
  private final Map<PassagePair, Double> answers = new HashMap<>();

  PassageJudge(PairScorer scorer, String query, List<String> passages) {
    this.scorer = scorer;
    this.query = Objects.requireNonNull(query, "query");
    for (int i = 0; i < passages.size(); i++) {
      Objects.requireNonNull(passages.get(i), "passage " + i);
    }
    this.passages = passages;
    this.repeats = new HashSet<>(passages).size() < passages.size();
  }

  @Override
  public double[] judge(List<ItemPair> questions) {
    List<PassagePair> pairs = questions.stream().map(this::texts).toList();
    if (!repeats) {
      return scorer.score(pairs).stream().mapToDouble(PairScore::probabilityA).toArray();
    }
    List<PassagePair> unknown =
        pairs.stream()
            .distinct()
            .filter(pair -> !pair.a().equals(pair.b()) && !answers.containsKey(pair))
            .toList();
    if (!unknown.isEmpty()) {
      ask(unknown);
    }
    return pairs.stream().mapToDouble(pair -> answers.getOrDefault(pair, EQUAL)).toArray();
  }

  private void ask(List<PassagePair> unknown) {
    List<PairScore> scores = scorer.score(unknown);
    if (scores.size() != unknown.size()) {
      throw new RankingException(
          unknown.size() + " questions got " + scores.size() + " answers; each one needs its own");
    }
    for (int i = 0; i < unknown.size(); i++) {
      answers.put(unknown.get(i), scores.get(i).probabilityA());
    }
  }

  private PassagePair texts(ItemPair pair) {
    return new PassagePair(query, passages.get(pair.first()), passages.get(pair.second()));
  }
}
