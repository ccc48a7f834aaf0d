package io.github.lorascope.tap;

/**
 * What an {@link AttentionTap} measures of one head on one prompt. A mass from one part to another
 * is the probability that a token of the first gives to the tokens of the second together, averaged
 * over the tokens of the first: from 0 to 1. It grows with the length of the second part and falls
 * with that of the rest, so that prompts of other lengths have other masses without other
 * attention.
 */
public enum AttentionQuantity {
  /** Mass from the tokens of passage A to the query. */
  A_TO_QUERY("mass.a_to_query"),
  /** Mass from the tokens of passage B to the query. */
  B_TO_QUERY("mass.b_to_query"),
  /** Mass from the tokens of passage B to passage A. */
  B_TO_A("mass.b_to_a"),
  /** Mass from the last token, which the answer is read from, to the query. */
  LAST_TO_QUERY("mass.last_to_query"),
  /** Mass from the last token to passage A. */
  LAST_TO_A("mass.last_to_a"),
  /** Mass from the last token to passage B. */
  LAST_TO_B("mass.last_to_b"),
  /** Entropy of the last token's attention, in nats: 0 to the logarithm of the tokens it sees. */
  LAST_ENTROPY("entropy.last");

  private final String tensor;

  AttentionQuantity(String tensor) {
    this.tensor = tensor;
  }

  /**
   * Returns its name in files.
   *
   * @return the name of the tensor
   */
  public String tensor() {
    return tensor;
  }
}
