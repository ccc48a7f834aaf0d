package io.github.lorascope.rerank;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The order of passages by the mean of their answers against all others, in both positions. */
final class AllPairs {
  private AllPairs() {}

  static List<RankedPassage> rank(PairScorer scorer, String query, List<String> passages) {
    int n = passages.size();
    double[] preferred = new double[n];
    for (int first = 0; first < n; first++) {
      List<PassagePair> pairs = new ArrayList<>();
      for (int second = 0; second < n; second++) {
        if (second != first) {
          pairs.add(new PassagePair(query, passages.get(first), passages.get(second)));
        }
      }
      List<PairScore> scores = scorer.score(pairs);
      for (int i = 0; i < scores.size(); i++) {
        double p = scores.get(i).probabilityA();
        preferred[first] += p;
        preferred[i < first ? i : i + 1] += 1 - p;
      }
    }
    List<RankedPassage> ranked = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      ranked.add(
          new RankedPassage(i, passages.get(i), n == 1 ? 1 : preferred[i] / (2.0 * (n - 1))));
    }
    ranked.sort(Comparator.comparingDouble(RankedPassage::score).reversed());
    return ranked;
  }
}
