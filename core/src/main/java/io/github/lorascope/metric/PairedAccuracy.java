package io.github.lorascope.metric;

import java.util.Locale;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * Two answerers compared on the same questions. What both get right or both get wrong says nothing
 * of their difference, so it is judged by the questions that they answer differently: far sharper
 * than comparing two intervals.
 *
 * @param n questions
 * @param onlyFirst how many the first alone answered right
 * @param onlySecond how many the second alone answered right
 */
public record PairedAccuracy(int n, int onlyFirst, int onlySecond) {
  private static final double Z = 1.959963984540054;

  /** Checks the counts. */
  public PairedAccuracy {
    if (onlyFirst < 0 || onlySecond < 0 || n < 1 || onlyFirst > n - onlySecond) {
      throw new IllegalArgumentException(
          onlyFirst + " and " + onlySecond + " different answers to " + n + " questions");
    }
  }

  /**
   * Compares answers.
   *
   * @param first whether the first answered each question right
   * @param second whether the second did, in the same order
   * @return the comparison
   */
  public static PairedAccuracy of(boolean[] first, boolean[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          first.length + " answers cannot be paired with " + second.length);
    }
    int onlyFirst = 0;
    int onlySecond = 0;
    for (int i = 0; i < first.length; i++) {
      onlyFirst += first[i] && !second[i] ? 1 : 0;
      onlySecond += second[i] && !first[i] ? 1 : 0;
    }
    return new PairedAccuracy(first.length, onlyFirst, onlySecond);
  }

  /**
   * How much better the second is.
   *
   * @return accuracy of the second less that of the first, -1 to 1
   */
  public double difference() {
    return (double) (onlySecond - onlyFirst) / n;
  }

  /**
   * The lower end of the difference's 95% interval (D. G. Bonett and R. M. Price, "Adjusted Wald
   * confidence interval for a difference of binomial proportions based on paired data", 2012).
   *
   * @return a value from -1 to the upper end
   */
  public double low() {
    return Math.max(-1, centre() - halfWidth());
  }

  /**
   * The upper end of the difference's 95% interval.
   *
   * @return a value from the lower end to 1
   */
  public double high() {
    return Math.min(1, centre() + halfWidth());
  }

  private double centre() {
    return (onlySecond - onlyFirst) / (n + 2.0);
  }

  private double halfWidth() {
    double second = (onlySecond + 1) / (n + 2.0);
    double first = (onlyFirst + 1) / (n + 2.0);
    return Z * Math.sqrt((second + first - (second - first) * (second - first)) / (n + 2.0));
  }

  /**
   * The probability that chance alone makes them differ as much, two-sided (Q. McNemar, 1947; by
   * the exact binomial distribution).
   *
   * @return from 0 to 1; 1 where they never differ
   */
  public double probability() {
    int discordant = onlyFirst + onlySecond;
    if (discordant == 0) {
      return 1;
    }
    int fewer = Math.min(onlyFirst, onlySecond);
    return Math.min(1, 2 * BinomialDistribution.of(discordant, 0.5).cumulativeProbability(fewer));
  }

  /**
   * For people to read.
   *
   * @return for example {@code +0.0125 [-0.0220, 0.0467], p = 0.553}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%+.4f [%.4f, %.4f], p = %.3g", difference(), low(), high(), probability());
  }
}
