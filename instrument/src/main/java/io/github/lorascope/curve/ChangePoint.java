package io.github.lorascope.curve;

/**
 * A place where a curve's mean changes.
 *
 * @param step the first step of the new mean
 * @param before mean from the change before, or from the start
 * @param after mean to the next change, or to the end
 */
public record ChangePoint(double step, double before, double after) {
  /**
   * Returns how far the mean moves.
   *
   * @return after less before
   */
  public double size() {
    return after - before;
  }
}
