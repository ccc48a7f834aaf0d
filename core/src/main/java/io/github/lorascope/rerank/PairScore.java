package io.github.lorascope.rerank;

/**
 * The model's answer to a {@link PassagePair}.
 *
 * @param logitA logit of "passage A is more relevant"
 * @param logitB logit of "passage B is more relevant"
 */
public record PairScore(double logitA, double logitB) {
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
