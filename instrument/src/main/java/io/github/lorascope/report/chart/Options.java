package io.github.lorascope.report.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts that options are made of: ordered maps, and numbers short enough for a page. */
final class Options {
  private static final MathContext DIGITS = new MathContext(5);

  /** Below it a double holds every whole number. */
  private static final double EXACT = 1L << 53;

  private Options() {}

  /** A map of names and values in turn. */
  static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /**
   * Five significant digits, or all of a whole number's, which may be a step; null, which draws a
   * gap, where the number is none.
   */
  static Object number(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    BigDecimal exact = new BigDecimal(value);
    boolean whole = value == Math.rint(value) && Math.abs(value) < EXACT;
    return (whole ? exact : exact.round(DIGITS)).stripTrailingZeros();
  }

  /** A list of numbers. */
  static List<Object> numbers(double... values) {
    List<Object> out = new ArrayList<>(values.length);
    for (double value : values) {
      out.add(number(value));
    }
    return out;
  }

  /** The button that saves a chart as an image; the script names the file. */
  static Map<String, Object> toolbox() {
    return map(
        "right", 0, "top", 0, "itemSize", 14, "feature", map("saveAsImage", map("show", true)));
  }

  /** Whiskers from each point's low to its high, drawn by the script. */
  static Map<String, Object> whiskers(String colour, List<Object> data, boolean sideways) {
    return map(
        "type",
        "custom",
        "renderItem",
        sideways ? "fn:whiskerSideways" : "fn:whisker",
        "encode",
        sideways ? map("x", List.of(2, 3), "y", 1) : map("x", 0, "y", List.of(2, 3)),
        "itemStyle",
        map("color", colour),
        "silent",
        true,
        "z",
        1,
        "data",
        data);
  }
}
