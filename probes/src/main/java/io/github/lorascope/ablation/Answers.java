package io.github.lorascope.ablation;

import io.github.lorascope.data.PairExample;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import java.util.List;

/**
 * The answers to a list of questions.
 *
 * @param margins the logit of the right passage less that of the wrong one
 * @param right whether the right passage was preferred
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record Answers(double[] margins, boolean[] right) {
  static Answers of(List<PairScore> scores, List<PairExample> pairs) {
    double[] margins = new double[scores.size()];
    boolean[] right = new boolean[scores.size()];
    for (int i = 0; i < margins.length; i++) {
      PairScore score = scores.get(i);
      int label = pairs.get(i).label();
      margins[i] = label == 0 ? score.logitA() - score.logitB() : score.logitB() - score.logitA();
      right[i] = score.preferred() == label;
    }
    return new Answers(margins, right);
  }

  Proportion accuracy() {
    return Proportion.of(right);
  }

  double meanMargin() {
    return MeanInterval.of(margins).mean();
  }
}
