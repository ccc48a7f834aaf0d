package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.html.NumberText;
import java.util.Arrays;

/** Estimates as points of a chart and as text. */
final class Estimates {
  private Estimates() {}

  static LineChart dots(
      LineChart chart, String name, String colour, double[] x, Estimate... estimates) {
    return chart.dots(
        name,
        colour,
        new Points(x, Arrays.stream(estimates).mapToDouble(Estimate::value).toArray()),
        Arrays.stream(estimates).mapToDouble(Estimate::low).toArray(),
        Arrays.stream(estimates).mapToDouble(Estimate::high).toArray());
  }

  /** A share with its interval. */
  static String share(Estimate estimate) {
    String share = NumberText.share(estimate.value());
    return estimate.hasInterval()
        ? share
            + " ["
            + NumberText.bound(estimate.low())
            + ", "
            + NumberText.bound(estimate.high())
            + "]"
        : share;
  }

  /** A number with its interval. */
  static String plain(Estimate estimate) {
    String value = NumberText.of(estimate.value());
    return estimate.hasInterval()
        ? value + " [" + NumberText.of(estimate.low()) + ", " + NumberText.of(estimate.high()) + "]"
        : value;
  }

  /** A difference with its sign and interval. */
  static String change(Estimate estimate) {
    String value = signed(estimate.value());
    return estimate.hasInterval()
        ? value + " [" + signed(estimate.low()) + ", " + signed(estimate.high()) + "]"
        : value;
  }

  private static String signed(double value) {
    return (value > 0 ? "+" : "") + NumberText.of(value);
  }

  /**
   * The difference of two shares with an interval made of theirs (R. G. Newcombe, "Interval
   * estimation for the difference between independent proportions", 1998, method 10). On the same
   * examples it is wider than it has to be.
   */
  static Estimate difference(Estimate before, Estimate after) {
    double value = after.value() - before.value();
    return new Estimate(
        value,
        value - Math.hypot(after.value() - after.low(), before.high() - before.value()),
        value + Math.hypot(after.high() - after.value(), before.value() - before.low()));
  }
}
