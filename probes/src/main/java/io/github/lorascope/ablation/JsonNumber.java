package io.github.lorascope.ablation;

/** A number as JSON can say it. */
final class JsonNumber {
  private JsonNumber() {}

  /** The number, or null in place of an infinity or NaN. */
  static Double of(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
