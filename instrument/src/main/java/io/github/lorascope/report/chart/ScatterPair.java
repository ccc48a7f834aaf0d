package io.github.lorascope.report.chart;

import static io.github.lorascope.report.chart.Options.map;
import static io.github.lorascope.report.chart.Options.numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Clouds of points side by side, coloured by what they belong to. */
public final class ScatterPair {
  private final List<String> classes;
  private final List<Object> grids = new ArrayList<>();
  private final List<Object> titles = new ArrayList<>();
  private final List<Object> xAxes = new ArrayList<>();
  private final List<Object> yAxes = new ArrayList<>();
  private final List<Object> series = new ArrayList<>();

  /**
   * Begins a chart.
   *
   * @param classes what points may belong to
   */
  public ScatterPair(List<String> classes) {
    this.classes = List.copyOf(classes);
  }

  /**
   * Adds a cloud, the first to the left and the second to the right.
   *
   * @param title what it shows
   * @param xy positions in turn
   * @param labels index of each point's class
   * @return this
   */
  public ScatterPair cloud(String title, float[] xy, int[] labels) {
    int index = grids.size();
    String left = index == 0 ? "2%" : "52%";
    grids.add(map("left", left, "width", "46%", "top", 62, "bottom", 8));
    titles.add(
        map(
            "text",
            title,
            "left",
            left,
            "top",
            38,
            "textStyle",
            map("fontSize", 12, "fontWeight", "normal")));
    xAxes.add(bare("gridIndex", index));
    yAxes.add(bare("gridIndex", index));
    for (int c = 0; c < classes.size(); c++) {
      List<Object> data = new ArrayList<>();
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] == c) {
          data.add(numbers(xy[2 * i], xy[2 * i + 1], i));
        }
      }
      series.add(
          map(
              "type",
              "scatter",
              "name",
              classes.get(c),
              "xAxisIndex",
              index,
              "yAxisIndex",
              index,
              "symbol",
              c == 0 ? "circle" : "triangle",
              "symbolSize",
              5,
              "itemStyle",
              map("opacity", 0.65),
              "color",
              c == 0 ? Colour.AFTER : Colour.BEFORE,
              "data",
              data));
    }
    return this;
  }

  private static Map<String, Object> bare(String name, int index) {
    return map(
        name,
        index,
        "type",
        "value",
        "scale",
        true,
        "axisLabel",
        map("show", false),
        "axisTick",
        map("show", false),
        "splitLine",
        map("show", false),
        "axisLine",
        map("show", true, "onZero", false));
  }

  /**
   * The drawing.
   *
   * @return its options
   */
  public Chart build() {
    return new Chart(
        map(
            "grid",
            grids,
            "title",
            titles,
            "legend",
            map("data", classes),
            "xAxis",
            xAxes,
            "yAxis",
            yAxes,
            "series",
            series,
            "tooltip",
            map("trigger", "item", "formatter", "fn:cloud"),
            "toolbox",
            Options.toolbox()),
        map());
  }
}
