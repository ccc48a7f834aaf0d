package io.github.lorascope.curve;

/**
 * The longest stretch in which a smoothed curve stays near a level and does not pass through it.
 *
 * @param from its first step
 * @param to its last step
 * @param level what it is near to
 * @param mean the mean of the series there
 */
public record Plateau(double from, double to, double level, double mean) {
  /**
   * Returns its length.
   *
   * @return steps, the first and the last counted
   */
  public double steps() {
    return to - from + 1;
  }
}
