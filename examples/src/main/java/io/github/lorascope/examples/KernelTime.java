package io.github.lorascope.examples;

import io.github.lorascope.json.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long an operation takes, beside what it needs at least.
 *
 * @param operation its name
 * @param size what it was given
 * @param seconds of one
 * @param bytes that have to be read and written
 * @param flops additions and multiplications of its products
 * @param floor seconds that these take at the rates of the device
 */
record KernelTime(
    String operation, String size, double seconds, double bytes, double flops, double floor) {
  static final String HEADING =
      String.format(
          Locale.ROOT,
          "%-42s %-26s %12s %10s %9s %12s %6s",
          "operation",
          "size",
          "microseconds",
          "GB/s",
          "TFLOP/s",
          "at least",
          "share");

  /** Of the floor's time in the time taken: 1 is as fast as the device can. */
  double share() {
    return floor / seconds;
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-42s %-26s %12.1f %10.1f %9s %12.1f %5.0f%%",
        operation,
        size,
        seconds * 1e6,
        bytes / seconds / 1e9,
        flops == 0 ? "" : String.format(Locale.ROOT, "%.2f", flops / seconds / 1e12),
        floor * 1e6,
        100 * share());
  }

  /** What {@link Json} writes. */
  Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("operation", operation);
    values.put("size", size);
    values.put("seconds", seconds);
    values.put("bytes", bytes);
    values.put("flops", flops);
    values.put("floor_seconds", floor);
    values.put("share", share());
    return values;
  }
}
