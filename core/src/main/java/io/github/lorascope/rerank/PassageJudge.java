package io.github.lorascope.rerank;

import io.github.lorascope.ranking.ItemPair;
import io.github.lorascope.ranking.PairJudge;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Puts a ranking's questions about passages to a scorer. Where a text is there twice, it asks the
 * same question once: asked in another company, a model rounds otherwise, and of equal passages the
 * later one would come first by chance.
 */
final class PassageJudge implements PairJudge {
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
        pairs.stream().distinct().filter(pair -> !answers.containsKey(pair)).toList();
    List<PairScore> scores = scorer.score(unknown);
    for (int i = 0; i < unknown.size(); i++) {
      answers.put(unknown.get(i), scores.get(i).probabilityA());
    }
    return pairs.stream().mapToDouble(answers::get).toArray();
  }

  private PassagePair texts(ItemPair pair) {
    return new PassagePair(query, passages.get(pair.first()), passages.get(pair.second()));
  }
}
