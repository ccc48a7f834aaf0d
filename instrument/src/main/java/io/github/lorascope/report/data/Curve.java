package io.github.lorascope.report.data;

import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The shape of a series.
 *
 * @param name of the series
 * @param plateau where it stays level, if it does
 * @param changePoints where its level changes, in order
 * @param steepest where it moves fastest, if it was looked for
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

  /**
   * A stretch without progress.
   *
   * @param from first step
   * @param to last step
   * @param steps its length
   * @param level where the series stays
   */
  public record Plateau(double from, double to, double steps, double level) {}

  /**
   * A change of level.
   *
   * @param step where
   * @param before level before it
   * @param after level after it
   * @param size how large it is
   */
  public record ChangePoint(double step, double before, double after, double size) {}

  /**
   * The fastest move.
   *
   * @param step where
   * @param slope change a step
   */
  public record Steepest(double step, double slope) {}

  static List<Curve> read(Path file) {
    return Json.read(file).objects("series").stream().map(Curve::of).toList();
  }

  private static Curve of(JsonObject series) {
    Optional<Plateau> plateau =
        optional(series, "plateau")
            .map(
                p ->
                    new Plateau(
                        p.number("from"),
                        p.number("to"),
                        p.number("steps"),
                        p.number("level", Double.NaN)));
    List<ChangePoint> points =
        series.has("change_points")
            ? series.objects("change_points").stream()
                .map(
                    p ->
                        new ChangePoint(
                            p.number("step"),
                            p.number("before", Double.NaN),
                            p.number("after", Double.NaN),
                            p.number("size", Double.NaN)))
                .toList()
            : List.of();
    return new Curve(
        series.string("name"),
        plateau,
        points,
        optional(series, "steepest").map(s -> new Steepest(s.number("step"), s.number("slope"))));
  }

  private static Optional<JsonObject> optional(JsonObject object, String name) {
    return object.has(name) ? Optional.of(object.object(name)) : Optional.empty();
  }
}
