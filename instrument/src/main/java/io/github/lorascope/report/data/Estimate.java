package io.github.lorascope.report.data;

import io.github.lorascope.json.JsonObject;
import io.github.lorascope.metric.MeanInterval;

/**
 * A number with its 95% interval.
 *
 * @param value the number; NaN where it is unknown
 * @param low lower end of the interval; NaN where it is unknown
 * @param high upper end of the interval; NaN where it is unknown
 */
public record Estimate(double value, double low, double high) {
  /** Nothing is known. */
  public static final Estimate UNKNOWN = new Estimate(Double.NaN, Double.NaN, Double.NaN);

  /**
   * Takes over a mean.
   *
   * @param mean with its interval, which may be infinite
   * @return the same, an infinite end unknown
   */
  public static Estimate of(MeanInterval mean) {
    return mean.n() < 2
        ? new Estimate(mean.mean(), Double.NaN, Double.NaN)
        : new Estimate(mean.mean(), mean.low(), mean.high());
  }

  /**
   * Reads three fields of an object.
   *
   * @param object holds them
   * @param value the number's field
   * @param low the field of the lower end
   * @param high the field of the upper end
   * @return the numbers; NaN where a field is missing or null
   */
  static Estimate read(JsonObject object, String value, String low, String high) {
    return new Estimate(
        object.number(value, Double.NaN),
        object.number(low, Double.NaN),
        object.number(high, Double.NaN));
  }

  /**
   * Tells whether the number is known.
   *
   * @return true if it is finite
   */
  public boolean isKnown() {
    return Double.isFinite(value);
  }

  /**
   * Tells whether both ends are known.
   *
   * @return true if they are finite
   */
  public boolean hasInterval() {
    return Double.isFinite(low) && Double.isFinite(high);
  }

  /**
   * Tells whether the interval leaves zero out.
   *
   * @return true if it lies above or below zero
   */
  public boolean isBeyondZero() {
    return hasInterval() && (low > 0 || high < 0);
  }

  /**
   * Tells whether two intervals have nothing in common.
   *
   * @param other another number
   * @return true if both intervals are known and lie apart
   */
  public boolean isApartFrom(Estimate other) {
    return hasInterval() && other.hasInterval() && (high < other.low || other.high < low);
  }
}
