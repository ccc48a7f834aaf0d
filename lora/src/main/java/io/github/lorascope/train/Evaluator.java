package io.github.lorascope.train;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Asks a reranker about a fixed set of pairs; their prompts are made once. Immutable and
 * thread-safe.
 */
public final class Evaluator {
  private static final int PAIRS_AT_ONCE = 16;

  private final Reranker reranker;
  private final List<PairExample> pairs;
  private final List<int[]> prompts;

  /**
   * Makes the prompts.
   *
   * @param reranker what is asked
   * @param pairs the pairs
   * @throws io.github.lorascope.prompt.PromptException if a query leaves no room for its passages
   */
  public Evaluator(Reranker reranker, List<PairExample> pairs) {
    this.reranker = reranker;
    this.pairs = List.copyOf(pairs);
    this.prompts =
        pairs.stream()
            .map(p -> reranker.encode(new PassagePair(p.query(), p.a(), p.b())).ids())
            .toList();
  }

  /**
   * Returns the pairs.
   *
   * @return the pairs, in the order of the scores
   */
  public List<PairExample> pairs() {
    return pairs;
  }

  /**
   * Scores the pairs.
   *
   * @param progress is told how many are done
   * @return the answers, in the order of the pairs
   */
  public List<PairScore> score(IntConsumer progress) {
    List<PairScore> scores = new ArrayList<>(prompts.size());
    for (int from = 0; from < prompts.size(); from += PAIRS_AT_ONCE) {
      scores.addAll(
          reranker.scoreEncoded(
              prompts.subList(from, Math.min(prompts.size(), from + PAIRS_AT_ONCE))));
      progress.accept(scores.size());
    }
    return scores;
  }

  /**
   * Scores the pairs and sums up.
   *
   * @param progress is told how many are done
   * @return accuracy, mean probability of the right answer and loss
   */
  public Evaluation evaluate(IntConsumer progress) {
    return summary(score(progress));
  }

  /**
   * Sums up.
   *
   * @param scores what {@link #score} returned
   * @return accuracy, mean probability of the right answer and loss
   */
  public Evaluation summary(List<PairScore> scores) {
    long right = 0;
    double probability = 0;
    double loss = 0;
    for (int i = 0; i < scores.size(); i++) {
      int label = pairs.get(i).label();
      right += scores.get(i).preferred() == label ? 1 : 0;
      probability += scores.get(i).probability(label);
      loss += scores.get(i).loss(label);
    }
    int n = scores.size();
    return new Evaluation(
        new Proportion(right, n),
        probability / n,
        loss / n,
        prompts.stream().mapToLong(ids -> ids.length).sum());
  }
}
