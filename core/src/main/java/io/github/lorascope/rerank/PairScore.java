package io.github.lorascope.rerank;

import io.github.lorascope.decoder.DecoderPass;

/**
 * The model's answer to a {@link PassagePair}.
 *
 * @param logitA logit of "passage A is more relevant"
 * @param logitB logit of "passage B is more relevant"
 */
public record PairScore(double logitA, double logitB) {
  /**
   * Takes the answer to one sequence from a pass.
   *
   * @param pass the pass, not yet closed
   * @param sequence its place in the batch, from 0
   * @return both logits
   * @throws ScoreException if a logit is NaN or infinite
   */
  public static PairScore of(DecoderPass pass, int sequence) {
    double a = pass.logits().get(sequence, 0);
    double b = pass.logits().get(sequence, 1);
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      throw new ScoreException(
          "the model answers with the logits "
              + a
              + " and "
              + b
              + ": weights of the checkpoint or of the adapter are too large to compute with;"
              + " look for a damaged file, or compute in float32 if it was in bfloat16");
    }
    return new PairScore(a, b);
  }

  /**
   * Returns the softmax probability of A.
   *
   * @return P(A), from 0 to 1
   */
  public double probabilityA() {
    return 1 / (1 + Math.exp(logitB - logitA));
  }

  /**
   * Returns the probability given to a label.
   *
   * @param label 0: A, 1: B
   * @return the probability, from 0 to 1
   */
  public double probability(int label) {
    return label == 0 ? probabilityA() : 1 - probabilityA();
  }

  /**
   * Returns the cross-entropy with a label, finite where the probability is too small for a number.
   *
   * @param label 0: A, 1: B
   * @return the loss in nats, 0 or more
   */
  public double loss(int label) {
    double margin = label == 0 ? logitA - logitB : logitB - logitA;
    return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }

  /**
   * Returns the label with the larger logit.
   *
   * @return 0: A, also where both are equal; 1: B
   */
  public int preferred() {
    return logitB > logitA ? 1 : 0;
  }
}
