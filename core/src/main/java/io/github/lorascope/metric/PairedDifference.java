package io.github.lorascope.metric;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * By how much one mean is above another, where both are over the same things, such as two runs over
 * the same queries. The interval is the bootstrap's (percentiles of 10,000 means of pairs drawn
 * with replacement; B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993), the
 * probability the randomization test's (10,000 draws of the differences' signs, or all of them
 * where there are fewer; M. D. Smucker, J. Allan and B. Carterette, "A Comparison of Statistical
 * Significance Tests for Information Retrieval Evaluation", 2007). Neither takes the differences to
 * be normal. The same values and seed give the same numbers.
 *
 * @param difference mean of the first less mean of the second
 * @param low lower end of the 95% interval
 * @param high upper end of the 95% interval
 * @param probability how often chance alone makes them differ as much or more, two-sided, above 0
 * @param n how many pairs
 */
public record PairedDifference(
    double difference, double low, double high, double probability, int n) {
  private static final int DRAWS = 10_000;
  private static final double TAIL = 0.025;

  /** Up to as many pairs, all signs are tried instead of drawn: 8,192. */
  private static final int EXACT = 13;

  /**
   * Sums of the same numbers in another order differ by rounding, by up to this share of the sum of
   * their sizes; that is no difference.
   */
  private static final double ROUNDING = 1e-12;

  /** By what share of them the two values of a pair may differ by rounding alone. */
  private static final double ROUNDING_OF_A_PAIR = 1e-14;

  /**
   * Compares paired values.
   *
   * @param first a value for each thing
   * @param second the other value for each, in the same order
   * @param seed chooses the draws
   * @return the comparison
   * @throws IllegalArgumentException if there are not as many values of both, or none, or a
   *     difference or their sum is not finite
   */
  public static PairedDifference of(double[] first, double[] second, long seed) {
    if (first.length != second.length || first.length == 0) {
      throw new IllegalArgumentException(
          first.length + " values cannot be paired with " + second.length);
    }
    double[] differences = new double[first.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = difference(first[i], second[i]);
    }
    double mean = Arrays.stream(differences).sum() / differences.length;
    if (!Double.isFinite(Arrays.stream(differences).map(Math::abs).sum())) {
      throw new IllegalArgumentException("differences as large as these have no mean");
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = bootstrap(differences, random);
    double low = means[(int) Math.floor(TAIL * (DRAWS - 1))];
    double high = means[(int) Math.ceil((1 - TAIL) * (DRAWS - 1))];
    return new PairedDifference(mean, low, high, randomization(differences, random), first.length);
  }

  private static double difference(double first, double second) {
    double difference = first - second;
    if (!Double.isFinite(difference)) {
      throw new IllegalArgumentException("a difference of " + difference + " has no mean");
    }
    double rounding = ROUNDING_OF_A_PAIR * Math.max(Math.abs(first), Math.abs(second));
    return Math.abs(difference) <= rounding ? 0 : difference;
  }

  private static double[] bootstrap(double[] differences, SplittableRandom random) {
    double[] means = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += differences[random.nextInt(differences.length)];
      }
      means[draw] = sum / differences.length;
    }
    Arrays.sort(means);
    return means;
  }

  private static double randomization(double[] differences, SplittableRandom random) {
    double rounding = ROUNDING * Arrays.stream(differences).map(Math::abs).sum();
    double found = Math.abs(Arrays.stream(differences).sum()) - rounding;
    if (differences.length <= EXACT) {
      int all = 1 << differences.length;
      int atLeast = 0;
      for (int signs = 0; signs < all; signs++) {
        atLeast += Math.abs(signed(differences, 0, signs)) >= found ? 1 : 0;
      }
      return (double) atLeast / all;
    }
    int atLeast = 1; // the signs that were found are one of the draws
    for (int draw = 1; draw < DRAWS; draw++) {
      double sum = 0;
      for (int from = 0; from < differences.length; from += Long.SIZE) {
        sum += signed(differences, from, random.nextLong());
      }
      atLeast += Math.abs(sum) >= found ? 1 : 0;
    }
    return (double) atLeast / DRAWS;
  }

  /** Sums up to 64 differences, with the sign turned where a bit is set. */
  private static double signed(double[] differences, int from, long signs) {
    double sum = 0;
    for (int i = from; i < Math.min(from + Long.SIZE, differences.length); i++) {
      sum += (signs >>> (i - from) & 1) == 0 ? differences[i] : -differences[i];
    }
    return sum;
  }

  /**
   * For people to read.
   *
   * @return for example {@code +0.0213 [+0.0105, +0.0321], p = 0.0012 (n = 400)}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%+.4f [%+.4f, %+.4f], p = %.2g (n = %d)",
        difference,
        low,
        high,
        probability,
        n);
  }
}
