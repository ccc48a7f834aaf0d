package io.github.lorascope.data;

import io.github.lorascope.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

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

  /**
   * Returns the same question with the passages in each other's place.
   *
   * @return the pair whose A is this B
   */
  public PairExample swapped() {
    return new PairExample(query, b, a, 1 - label);
  }

  /**
   * Identifies pairs by content: SHA-256 of each one's query, passages and label in UTF-8,
   * separated by tabs and ended by LF.
   *
   * @param pairs the pairs, whose order counts
   * @return the hash, 64 hexadecimal digits
   */
  public static String sha256(List<PairExample> pairs) {
    MessageDigest digest = Sha256.begin();
    for (PairExample pair : pairs) {
      String line = String.join("\t", pair.query, pair.a, pair.b, pair.label + "\n");
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
