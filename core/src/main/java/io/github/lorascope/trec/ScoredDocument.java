package io.github.lorascope.trec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A document that was retrieved.
 *
 * @param id its id
 * @param score how well it answers the query, the larger the better; not NaN. A float, since
 *     trec_eval up to version 9 compares scores as such
 */
public record ScoredDocument(String id, float score) {
  /**
   * trec_eval's order: by score, descending; equal scores by id, descending by its bytes in UTF-8.
   */
  static final Comparator<ScoredDocument> ORDER = ScoredDocument::compare;

  /** Checks the score. */
  public ScoredDocument {
    if (Float.isNaN(score)) {
      throw new IllegalArgumentException("document " + id + " has NaN for a score");
    }
  }

  /** Unlike {@link Float#compare}, has the two zeros equal, as C has. */
  private static int compare(ScoredDocument a, ScoredDocument b) {
    if (a.score != b.score) {
      return a.score > b.score ? -1 : 1;
    }
    return Arrays.compareUnsigned(
        b.id.getBytes(StandardCharsets.UTF_8), a.id.getBytes(StandardCharsets.UTF_8));
  }
}
