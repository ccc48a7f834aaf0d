package io.github.lorascope.metric;

import java.util.Locale;

/**
 * A share of successes in a number of trials, such as an accuracy, with its 95% Wilson score
 * interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * 1927). Unlike the textbook interval it stays within 0 and 1 and keeps a width when every trial
 * succeeds, which small evaluation sets do.
 *
 * @param successes how many trials succeeded, 0 to {@code trials}
 * @param trials how many there were; 0 says that nothing is known
 */
public record Proportion(long successes, long trials) {
  /** The two-sided 95% quantile of the standard normal distribution. */
  private static final double Z = 1.959963984540054;

  /** Checks the counts. */
  public Proportion {
    if (trials < 0 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "A proportion of " + successes + " successes in " + trials + " trials does not exist");
    }
  }

  /**
   * Counts how many values are true.
   *
   * @param outcomes one value a trial
   * @return their proportion
   */
  public static Proportion of(boolean[] outcomes) {
    long successes = 0;
    for (boolean outcome : outcomes) {
      successes += outcome ? 1 : 0;
    }
    return new Proportion(successes, outcomes.length);
  }

  /**
   * Counts how often the larger of two values picks the right one of two answers. Where they are
   * equal, or one is NaN, they pick none, which is no trial.
   *
   * @param a values of the first answers
   * @param b values of the second answers
   * @param labels 0 where the first answer is right, 1 where the second is
   * @param from the first place to count
   * @param to the place after the last
   * @return the proportion
   */
  public static Proportion ofLarger(double[] a, double[] b, int[] labels, int from, int to) {
    long right = 0;
    long trials = 0;
    for (int i = from; i < to; i++) {
      double lead = labels[i] == 0 ? a[i] - b[i] : b[i] - a[i];
      trials += Double.isNaN(lead) || lead == 0 ? 0 : 1;
      right += lead > 0 ? 1 : 0;
    }
    return new Proportion(right, trials);
  }

  /**
   * The observed share.
   *
   * @return successes / trials, NaN without trials
   */
  public double accuracy() {
    return trials == 0 ? Double.NaN : (double) successes / trials;
  }

  /**
   * The lower end of the interval.
   *
   * @return a value from 0 to the accuracy; 0 without trials
   */
  public double low() {
    return successes == 0 ? 0 : centre() - halfWidth();
  }

  /**
   * The upper end of the interval.
   *
   * @return a value from the accuracy to 1; 1 without trials
   */
  public double high() {
    return successes == trials ? 1 : centre() + halfWidth();
  }

  private double centre() {
    return (successes + Z * Z / 2) / (trials + Z * Z);
  }

  private double halfWidth() {
    double variance = (double) successes * (trials - successes) / trials + Z * Z / 4;
    return Z * Math.sqrt(variance) / (trials + Z * Z);
  }

  /**
   * For people to read.
   *
   * @return for example {@code 0.8425 [0.8036, 0.8750] (337 of 400)}
   */
  @Override
  public String toString() {
    return trials == 0
        ? "unknown (0 of 0)"
        : String.format(
            Locale.ROOT,
            "%.4f [%.4f, %.4f] (%d of %d)",
            accuracy(),
            low(),
            high(),
            successes,
            trials);
  }
}
