package io.github.lorascope.data;

/**
 * A query and two passages, of which one is relevant.
 *
 * @param query the query
 * @param a passage A
 * @param b passage B
 * @param label 0 when A is the relevant one, 1 when B is
 */
public record PairExample(String query, String a, String b, int label) {
  /** Checks the label. */
  public PairExample {
    if (label != 0 && label != 1) {
      throw new IllegalArgumentException("label " + label + ": 0 stands for A, 1 for B");
    }
  }
}
