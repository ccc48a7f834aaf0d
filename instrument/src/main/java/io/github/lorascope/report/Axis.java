package io.github.lorascope.report;

import java.util.List;
import java.util.stream.LongStream;

/**
 * A range of values whose marks fall on round numbers.
 *
 * @param low where the axis begins
 * @param high where it ends, above low
 * @param mark the distance of two marks: 1, 2 or 5 times a power of ten
 */
record Axis(double low, double high, double mark) {
  /** Covers a range and widens it to the marks beyond. */
  static Axis around(double low, double high, int marks) {
    Axis exact = within(low, high, marks);
    return new Axis(
        Math.floor(exact.low / exact.mark + 1e-9) * exact.mark,
        Math.ceil(exact.high / exact.mark - 1e-9) * exact.mark,
        exact.mark);
  }

  /** Covers a range and no more. */
  static Axis within(double low, double high, int marks) {
    double from = low;
    double to = high;
    if (!(to - from > 1e-12 * Math.max(Math.abs(from), Math.abs(to)))) {
      double room = from == 0 ? 1 : Math.abs(from) / 2;
      from -= room;
      to += room;
    }
    double rough = (to - from) / marks;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double lead = rough / power;
    return new Axis(from, to, power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10));
  }

  /** Where the marks are. */
  List<Double> marks() {
    return LongStream.rangeClosed(
            (long) Math.ceil(low / mark - 1e-9), (long) Math.floor(high / mark + 1e-9))
        .mapToObj(i -> i * mark)
        .toList();
  }

  /** How far along the axis a value lies, 0 to 1 within it. */
  double position(double value) {
    return (value - low) / (high - low);
  }
}
