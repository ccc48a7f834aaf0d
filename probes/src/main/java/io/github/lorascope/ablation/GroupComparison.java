package io.github.lorascope.ablation;

import java.util.Locale;

/**
 * Two groups on the same evaluation pairs and seeds.
 *
 * @param first the name of a group
 * @param second the name of another
 * @param difference accuracy of the second less that of the first
 * @param isBeyondNoise whether they differ at a level of 5%, all comparisons of the ablation
 *     together (S. Holm, 1979)
 */
public record GroupComparison(
    String first, String second, CrossedMean difference, boolean isBeyondNoise) {
  /**
   * For people to read.
   *
   * @return for example {@code all -> middle: +0.0125 [-0.0220, 0.0467], p = 0.553: within noise}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s -> %s: %+.4f [%.4f, %.4f], p = %.3g: %s",
        first,
        second,
        difference.mean(),
        difference.low(),
        difference.high(),
        difference.p(),
        isBeyondNoise ? "beyond noise" : "within noise");
  }
}
