package io.github.lorascope.report;

import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * One quantity in a chart.
 *
 * @param name as the legend says it
 * @param style how it is drawn
 * @param points what is drawn
 * @param whiskers the intervals of the points, low and high in turn
 */
record Series(String name, Style style, Points points, Optional<Whiskers> whiskers) {
  /** Also the name of the CSS class. */
  enum Style {
    /** A line in the background. */
    RAW,
    /** A line. */
    LINE,
    /** Dots with whiskers, joined by a thin line. */
    DOTS
  }

  /** Both ends of each point's interval; NaN where it has none. */
  @SuppressWarnings("ArrayRecordComponent") // never leaves the package
  record Whiskers(double[] low, double[] high) {}

  static Series raw(String name, Points points) {
    return new Series(name, Style.RAW, points.thinned(), Optional.empty());
  }

  static Series line(String name, Points points) {
    return new Series(name, Style.LINE, points.thinned(), Optional.empty());
  }

  static Series dots(String name, Points points, double[] low, double[] high) {
    return new Series(name, Style.DOTS, points, Optional.of(new Whiskers(low, high)));
  }

  /** Every finite value that has to fit into the chart. */
  DoubleStream values() {
    DoubleStream ends =
        whiskers
            .map(w -> DoubleStream.concat(DoubleStream.of(w.low()), DoubleStream.of(w.high())))
            .orElseGet(DoubleStream::empty);
    return DoubleStream.concat(DoubleStream.of(points.y()), ends).filter(Double::isFinite);
  }
}
