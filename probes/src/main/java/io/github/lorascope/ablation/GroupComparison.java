package io.github.lorascope.ablation;

import io.github.lorascope.metric.MeanInterval;
import java.util.Locale;
import java.util.Optional;

/**
 * Two groups on the same evaluation pairs and seeds.
 *
 * @param first the name of a group
 * @param second the name of another
 * @param difference accuracy of the second less that of the first: of one seed with Bonett and
 *     Price's interval and McNemar's test, of more no narrower and no surer than pairs alone allow
 * @param isBeyondNoise whether they differ at a level of 5%, all comparisons of the ablation
 *     together (S. Holm, 1979)
 * @param climb pairs to the climb of the second less those of the first, over the seeds on which
 *     both climb; empty where there is none
 */
public record GroupComparison(
    String first,
    String second,
    CrossedMean difference,
    boolean isBeyondNoise,
    Optional<MeanInterval> climb) {
  /**
   * For people to read.
   *
   * @return for example {@code all -> middle: +0.0125 [-0.0220, 0.0467], p = 0.553: within noise}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s -> %s: %+.4f [%.4f, %.4f], p = %.3g: %s%s",
        first,
        second,
        difference.mean(),
        difference.low(),
        difference.high(),
        difference.p(),
        isBeyondNoise ? "beyond noise" : "within noise",
        climb.map(GroupComparison::said).orElse(""));
  }

  private static String said(MeanInterval later) {
    return String.format(
        Locale.ROOT,
        "; climbs %,.0f pairs %s%s",
        Math.abs(later.mean()),
        later.mean() < 0 ? "sooner" : "later",
        later.n() < 2
            ? " (one seed)"
            : String.format(Locale.ROOT, " [%+,.0f, %+,.0f]", later.low(), later.high()));
  }
}
