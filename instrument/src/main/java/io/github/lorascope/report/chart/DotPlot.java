package io.github.lorascope.report.chart;

import static io.github.lorascope.report.chart.Options.map;
import static io.github.lorascope.report.chart.Options.number;
import static io.github.lorascope.report.chart.Options.numbers;

import io.github.lorascope.report.data.Estimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Named estimates on one scale, each with its interval and the single values it is made of. */
public final class DotPlot {
  private final String valueName;
  private final List<String> names = new ArrayList<>();
  private final List<Object> estimates = new ArrayList<>();
  private final List<Object> singles = new ArrayList<>();
  private String singleName = "";
  private double reference = Double.NaN;
  private String referenceName = "";

  /**
   * Begins a plot.
   *
   * @param valueName what the scale measures
   */
  public DotPlot(String valueName) {
    this.valueName = valueName;
  }

  /**
   * Adds a row.
   *
   * @param name of the row
   * @param estimate with its interval
   * @return this
   */
  public DotPlot row(String name, Estimate estimate) {
    estimates.add(numbers(estimate.value(), names.size(), estimate.low(), estimate.high()));
    names.add(name);
    return this;
  }

  /**
   * Adds a single value to the row added last.
   *
   * @param name what single values are
   * @param value the value
   * @param which tells it apart, such as a seed
   * @return this
   */
  public DotPlot single(String name, double value, long which) {
    singleName = name;
    singles.add(numbers(value, names.size() - 1.0, (double) which));
    return this;
  }

  /**
   * Marks a value.
   *
   * @param value where
   * @param name what it is
   * @return this
   */
  public DotPlot reference(double value, String name) {
    reference = value;
    referenceName = name;
    return this;
  }

  /**
   * The drawing.
   *
   * @return its options
   */
  public Chart build() {
    List<Object> series = new ArrayList<>();
    Map<String, Object> main =
        map(
            "type",
            "scatter",
            "name",
            valueName,
            "symbolSize",
            11,
            "color",
            Colour.AFTER,
            "z",
            4,
            "encode",
            map("x", 0, "y", 1),
            "data",
            estimates);
    if (Double.isFinite(reference)) {
      main.put(
          "markLine",
          map(
              "symbol",
              "none",
              "silent",
              true,
              "lineStyle",
              map("color", Colour.SOFT, "type", List.of(5, 4)),
              "label",
              map(
                  "formatter",
                  referenceName,
                  "position",
                  "start",
                  "color",
                  Colour.SOFT,
                  "fontSize",
                  11),
              "data",
              List.of(map("xAxis", number(reference)))));
    }
    series.add(main);
    series.add(Options.whiskers(Colour.AFTER, estimates, true));
    if (!singles.isEmpty()) {
      series.add(
          map(
              "type",
              "scatter",
              "name",
              singleName,
              "symbol",
              "emptyCircle",
              "symbolSize",
              8,
              "color",
              Colour.BEFORE,
              "z",
              5,
              "encode",
              map("x", 0, "y", 1),
              "data",
              singles));
    }
    return new Chart(
        map(
            "grid",
            map("left", 16, "right", 20, "top", 44, "bottom", 24, "containLabel", true),
            "legend",
            map("data", singles.isEmpty() ? List.of() : List.of(valueName, singleName)),
            "xAxis",
            map("type", "value", "scale", true, "name", valueName),
            "yAxis",
            map("type", "category", "inverse", true, "data", names, "name", ""),
            "series",
            series,
            "tooltip",
            map("trigger", "item", "formatter", "fn:dot"),
            "toolbox",
            Options.toolbox()),
        map("value", valueName));
  }
}
