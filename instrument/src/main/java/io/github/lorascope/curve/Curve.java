package io.github.lorascope.curve;

import java.util.List;
import java.util.Optional;

/**
 * What {@link CurveAnalysis} found in a series.
 *
 * @param name the series
 * @param plateau the longest stretch near the level; empty where there is none, or no level was
 *     asked for
 * @param changePoints every change of the mean, in order
 * @param steepest the steepest drop of a smoothed curve that ends lower than it starts, and the
 *     steepest rise of another; empty where it never moves so, or the series is too short
 */
public record Curve(
    String name,
    Optional<Plateau> plateau,
    List<ChangePoint> changePoints,
    Optional<Steepest> steepest) {
  /** Copies the list. */
  public Curve {
    changePoints = List.copyOf(changePoints);
  }
}
