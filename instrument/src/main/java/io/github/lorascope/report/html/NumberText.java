package io.github.lorascope.report.html;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people, the same in every locale. */
public final class NumberText {
  private NumberText() {}

  /**
   * Four significant digits, with a power of ten where the number is very small or large.
   *
   * @param value any number
   * @return its text
   */
  public static String of(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    double size = Math.abs(value);
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4));
    if (value == 0 || (size >= 1e-3 && size < 1e6)) {
      String plain = rounded.stripTrailingZeros().toPlainString();
      return size >= 10_000 ? count(rounded.doubleValue()) : plain;
    }
    int power = rounded.precision() - rounded.scale() - 1;
    return rounded.scaleByPowerOfTen(-power).stripTrailingZeros().toPlainString() + "e" + power;
  }

  /**
   * A whole number with its thousands apart.
   *
   * @param value rounded first
   * @return its text
   */
  public static String count(double value) {
    return String.format(Locale.ROOT, "%,d", Math.round(value));
  }

  /**
   * A whole number of things.
   *
   * @param value rounded first
   * @param things their name in the plural, which an s makes
   * @return for example {@code 1 step} or {@code 1,200 steps}
   */
  public static String counted(double value, String things) {
    boolean one = Math.round(value) == 1;
    return count(value) + " " + (one ? things.substring(0, things.length() - 1) : things);
  }

  /**
   * A share of one: three decimals, or four where the fourth says something.
   *
   * @param value from 0 to 1
   * @return its text
   */
  public static String share(double value) {
    String four = String.format(Locale.ROOT, "%.4f", value);
    return four.endsWith("0") ? four.substring(0, four.length() - 1) : four;
  }

  /**
   * The end of an interval, which is not known better than three decimals.
   *
   * @param value any number
   * @return its text
   */
  public static String bound(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /**
   * A length of time.
   *
   * @param seconds not negative
   * @return its text
   */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %d min", whole / 3600, whole % 3600 / 60);
  }
}
