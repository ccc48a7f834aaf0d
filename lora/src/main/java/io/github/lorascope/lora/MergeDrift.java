package io.github.lorascope.lora;

import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How far a merged model's answers are from those of its base with the adapter beside it.
 *
 * @param largest the largest difference of P(A), from 0 to 1
 * @param mean the mean difference of P(A), without its sign
 * @param changed how many pairs are decided the other way
 * @param pairs how many pairs were asked
 */
public record MergeDrift(double largest, double mean, int changed, int pairs) {
  /**
   * Asks both.
   *
   * @param adapted the base with the adapter
   * @param merged the merged model
   * @param pairs the questions; at least one
   * @return the drift
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   * @throws io.github.lorascope.rerank.ScoreException if a logit is NaN or infinite
   */
  public static MergeDrift between(PairScorer adapted, PairScorer merged, List<PassagePair> pairs) {
    return of(adapted.score(pairs), merged.score(pairs));
  }

  /**
   * Compares answers to the same questions.
   *
   * @param adapted those of the base with the adapter
   * @param merged those of the merged model, in the same order
   * @return the drift
   */
  public static MergeDrift of(List<PairScore> adapted, List<PairScore> merged) {
    if (adapted.isEmpty() || adapted.size() != merged.size()) {
      throw new IllegalArgumentException(
          adapted.size() + " and " + merged.size() + " answers: give as many, and one at least");
    }
    double largest = 0;
    double sum = 0;
    int changed = 0;
    for (int i = 0; i < adapted.size(); i++) {
      double difference = Math.abs(adapted.get(i).probabilityA() - merged.get(i).probabilityA());
      largest = Math.max(largest, difference);
      sum += difference;
      changed += adapted.get(i).preferred() == merged.get(i).preferred() ? 0 : 1;
    }
    return new MergeDrift(largest, sum / adapted.size(), changed, adapted.size());
  }

  /**
   * Gives the numbers by their names in JSON.
   *
   * @return largest_difference, mean_difference, changed_decisions and pairs
   */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("largest_difference", largest);
    values.put("mean_difference", mean);
    values.put("changed_decisions", changed);
    values.put("pairs", pairs);
    return values;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "P(A) differs by %.2g at most and by %.2g on average over %,d pairs; %,d are decided the"
            + " other way",
        largest,
        mean,
        pairs,
        changed);
  }
}
