package io.github.lorascope.report.chart;

import static io.github.lorascope.report.chart.Options.map;
import static io.github.lorascope.report.chart.Options.number;
import static io.github.lorascope.report.chart.Options.numbers;

import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lines over steps or layers, with the intervals of points, references and marked places. */
public final class LineChart {
  /** Points further apart than these are shown as such. */
  private static final int FEW = 40;

  private final String xName;
  private final Map<String, Points> named = new LinkedHashMap<>();
  private final Map<String, double[][]> ends = new LinkedHashMap<>();
  private final List<Object> series = new ArrayList<>();
  private final List<Object> lines = new ArrayList<>();
  private final List<Object> areas = new ArrayList<>();
  private final List<Object> corners = new ArrayList<>();
  private boolean log;

  private LineChart(String xName) {
    this.xName = xName;
  }

  /**
   * Begins a chart.
   *
   * @param xName what runs from left to right
   * @return a chart without lines
   */
  public static LineChart over(String xName) {
    return new LineChart(xName);
  }

  /**
   * Makes the values' axis logarithmic; what is not above zero is left out.
   *
   * @return this
   */
  public LineChart log() {
    log = true;
    return this;
  }

  /**
   * Adds a line.
   *
   * @param name as the legend says it
   * @param colour of {@link Colour}
   * @param points of the line; gaps where they are NaN
   * @return this
   */
  public LineChart line(String name, String colour, Points points) {
    return add(name, colour, points, map("width", 2), 1);
  }

  /**
   * Adds a broken line.
   *
   * @param name as the legend says it
   * @param colour of {@link Colour}
   * @param points of the line
   * @return this
   */
  public LineChart dashed(String name, String colour, Points points) {
    return add(name, colour, points, map("width", 1.5, "type", List.of(5, 4)), 1);
  }

  /**
   * Adds a line in the background.
   *
   * @param name as the legend says it
   * @param colour of {@link Colour}
   * @param points of the line
   * @return this
   */
  public LineChart faint(String name, String colour, Points points) {
    return add(name, colour, points, map("width", 1, "opacity", 0.4), 0.4);
  }

  /**
   * Adds points with their intervals, joined by a thin line.
   *
   * @param name as the legend says it
   * @param colour of {@link Colour}
   * @param points the values
   * @param low lower ends; NaN where there are none
   * @param high upper ends
   * @return this
   */
  public LineChart dots(String name, String colour, Points points, double[] low, double[] high) {
    Points drawn = drawable(points);
    if (drawn.isEmpty()) {
      return this;
    }
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < drawn.size(); i++) {
      data.add(numbers(drawn.x()[i], drawn.y()[i], drawable(low[i]), drawable(high[i])));
    }
    named.put(name, points);
    ends.put(name, new double[][] {low, high});
    series.add(
        map(
            "type",
            "line",
            "name",
            name,
            "data",
            data,
            "symbol",
            "circle",
            "symbolSize",
            6,
            "lineStyle",
            map("width", 1.2),
            "color",
            colour,
            "z",
            3));
    series.add(Options.whiskers(colour, data, false));
    return this;
  }

  private Points drawable(Points points) {
    return new Points(points.x(), Arrays.stream(points.y()).map(this::drawable).toArray());
  }

  private double drawable(double y) {
    return log && y <= 0 ? Double.NaN : y;
  }

  private LineChart add(
      String name, String colour, Points points, Map<String, Object> style, double opacity) {
    Points thin = drawable(points).thinned();
    if (thin.isEmpty()) {
      return this;
    }
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < thin.size(); i++) {
      data.add(numbers(thin.x()[i], thin.y()[i]));
    }
    named.put(name, points);
    series.add(
        map(
            "type",
            "line",
            "name",
            name,
            "data",
            data,
            "showSymbol",
            thin.size() <= FEW,
            "symbol",
            "circle",
            "symbolSize",
            4,
            "itemStyle",
            map("opacity", opacity),
            "lineStyle",
            style,
            "color",
            colour,
            "z",
            opacity < 1 ? 1 : 2));
    return this;
  }

  /**
   * Marks a level.
   *
   * @param y where
   * @param label what it is
   * @return this
   */
  public LineChart reference(double y, String label) {
    lines.add(
        map(
            "yAxis",
            number(y),
            "label",
            map("formatter", label, "position", "insideEndTop"),
            "lineStyle",
            map("type", List.of(5, 4))));
    return this;
  }

  /**
   * Marks a place.
   *
   * @param x where
   * @param label what is there
   * @return this
   */
  public LineChart mark(double x, String label) {
    lines.add(
        map(
            "xAxis",
            number(x),
            "label",
            map("formatter", label, "position", "end", "distance", 2),
            "lineStyle",
            map("type", "solid", "color", Colour.of(6))));
    return this;
  }

  /**
   * Shades a stretch.
   *
   * @param from its start
   * @param to its end
   * @param label what it is
   * @return this
   */
  public LineChart shade(double from, double to, String label) {
    areas.add(
        List.of(
            map("xAxis", number(from), "name", label, "label", map("position", "insideBottom")),
            map("xAxis", number(to))));
    return this;
  }

  /**
   * Lets the axis reach some values whatever the lines do.
   *
   * @param low lowest
   * @param high highest
   * @return this
   */
  public LineChart covering(double low, double high) {
    corners.add(number(low));
    corners.add(number(high));
    return this;
  }

  /**
   * Tells whether there is nothing to draw.
   *
   * @return true if no line has a finite value
   */
  public boolean isEmpty() {
    return named.isEmpty();
  }

  /**
   * The drawing.
   *
   * @return its options
   */
  public Chart build() {
    double left = extreme(true);
    double right = extreme(false);
    List<Object> all = new ArrayList<>(series);
    all.add(carrier(left));
    Map<String, Object> option =
        map(
            "grid",
            map("left", 4, "right", 12, "top", 44, "bottom", 24, "containLabel", true),
            "legend",
            map("data", List.copyOf(named.keySet())),
            "xAxis",
            map(
                "type",
                "value",
                "name",
                xName,
                "min",
                number(left),
                "max",
                number(right > left ? right : left + 1),
                "minInterval",
                1),
            "yAxis",
            map("type", log ? "log" : "value", "scale", true),
            "series",
            all,
            "tooltip",
            map("trigger", "axis", "formatter", "fn:axis"),
            "toolbox",
            Options.toolbox());
    return new Chart(option, map("x", xName));
  }

  /** A series that is not seen, which carries marks and stretches the axis. */
  private Map<String, Object> carrier(double x) {
    List<Object> data = new ArrayList<>();
    corners.forEach(y -> data.add(Arrays.asList(number(x), y)));
    Map<String, Object> carrier =
        map(
            "type",
            "line",
            "name",
            "",
            "data",
            data,
            "silent",
            true,
            "showSymbol",
            false,
            "lineStyle",
            map("opacity", 0));
    if (!lines.isEmpty()) {
      carrier.put(
          "markLine",
          map(
              "symbol",
              "none",
              "silent",
              true,
              "animation",
              false,
              "lineStyle",
              map("color", Colour.SOFT, "width", 1),
              "label",
              map("color", Colour.SOFT, "fontSize", 11),
              "data",
              lines));
    }
    if (!areas.isEmpty()) {
      carrier.put(
          "markArea",
          map(
              "silent",
              true,
              "itemStyle",
              map("color", "c:shade"),
              "label",
              map("color", Colour.SOFT, "fontSize", 11),
              "data",
              areas));
    }
    return carrier;
  }

  private double extreme(boolean least) {
    double[] all = named.values().stream().flatMapToDouble(p -> Arrays.stream(p.x())).toArray();
    return least ? Arrays.stream(all).min().orElse(0) : Arrays.stream(all).max().orElse(1);
  }

  /**
   * The values.
   *
   * @param caption what they are
   * @return a row for each position; of a long series, some of them
   */
  public Table table(String caption) {
    return new ValueTable(caption, xName, named, ends).build();
  }
}
