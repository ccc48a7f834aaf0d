package io.github.lorascope.report.chart;

import static io.github.lorascope.report.chart.Options.map;
import static io.github.lorascope.report.chart.Options.numbers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Thin panels above each other that share the layers as their axis. */
public final class LayerStack {
  private static final int PANEL = 76;
  private static final int ROW = 22;
  private static final int GAP = 42;
  private static final int TOP = 36;

  private final List<String> layers;
  private final List<Object> grids = new ArrayList<>();
  private final List<Object> titles = new ArrayList<>();
  private final List<Map<String, Object>> xAxes = new ArrayList<>();
  private final List<Object> yAxes = new ArrayList<>();
  private final List<Object> series = new ArrayList<>();
  private int bottom = TOP;

  /**
   * Layers that a row of a panel spans.
   *
   * @param name of the row
   * @param value as text, which follows the name
   * @param layers numbers from 0
   */
  public record Span(String name, String value, List<Integer> layers) {
    /** Copies the list. */
    public Span {
      layers = List.copyOf(layers);
    }
  }

  /**
   * Begins a stack.
   *
   * @param layers how many layers there are
   */
  public LayerStack(int layers) {
    this.layers = IntStream.range(0, layers).mapToObj(Integer::toString).toList();
  }

  /**
   * Adds a panel of bars, with whiskers where there are ends.
   *
   * @param title what it shows
   * @param colour of {@link Colour}
   * @param values one a layer; NaN where there is none
   * @param low lower ends; NaN where there are none
   * @param high upper ends
   * @return this
   */
  public LayerStack bars(
      String title, String colour, double[] values, double[] low, double[] high) {
    int index = panel(title, PANEL);
    yAxes.add(
        map(
            "type",
            "value",
            "gridIndex",
            index,
            "splitNumber",
            2,
            "axisLabel",
            map("formatter", "fn:short")));
    List<Object> data = new ArrayList<>();
    boolean whiskers = false;
    for (int l = 0; l < values.length; l++) {
      data.add(numbers(l, values[l], low[l], high[l]));
      whiskers |= Double.isFinite(low[l]);
    }
    series.add(
        on(
            index,
            map(
                "type",
                "bar",
                "name",
                title,
                "barCategoryGap",
                "35%",
                "color",
                colour,
                "itemStyle",
                map("opacity", whiskers ? 0.55 : 0.9),
                "data",
                data)));
    if (whiskers) {
      series.add(on(index, Options.whiskers(colour, data, false)));
    }
    return this;
  }

  /**
   * Adds a panel of rows that span layers.
   *
   * @param title what it shows
   * @param spans its rows
   * @return this
   */
  public LayerStack spans(String title, List<Span> spans) {
    int index = panel(title, ROW * spans.size() + 6);
    yAxes.add(
        map(
            "type",
            "category",
            "gridIndex",
            index,
            "inverse",
            true,
            "data",
            spans.stream().map(Span::name).toList(),
            "axisLabel",
            map("show", false),
            "axisTick",
            map("show", false),
            "splitLine",
            map("show", false)));
    for (int row = 0; row < spans.size(); row++) {
      Span span = spans.get(row);
      List<Object> data = new ArrayList<>();
      for (int[] stretch : stretches(span.layers())) {
        data.add(numbers(stretch[0], row, stretch[1]));
      }
      series.add(
          on(
              index,
              map(
                  "type",
                  "custom",
                  "name",
                  span.name() + " " + span.value(),
                  "renderItem",
                  "fn:span",
                  "silent",
                  true,
                  "encode",
                  map("x", List.of(0, 2), "y", 1),
                  "itemStyle",
                  map("color", Colour.of(2)),
                  "data",
                  data)));
    }
    return this;
  }

  /** First and last of each run of neighbours. */
  private static List<int[]> stretches(List<Integer> some) {
    List<int[]> out = new ArrayList<>();
    for (int layer : some.stream().sorted().toList()) {
      int[] last = out.isEmpty() ? null : out.get(out.size() - 1);
      if (last != null && layer <= last[1] + 1) {
        last[1] = layer;
      } else {
        out.add(new int[] {layer, layer});
      }
    }
    return out;
  }

  private int panel(String title, int height) {
    int index = grids.size();
    int top = bottom + (index == 0 ? 0 : GAP);
    grids.add(map("left", 52, "right", 10, "top", top, "height", height));
    titles.add(
        map(
            "text",
            title,
            "left",
            0,
            "top",
            top - 26,
            "textStyle",
            map("fontSize", 12, "fontWeight", 600)));
    xAxes.add(
        map(
            "type",
            "category",
            "gridIndex",
            index,
            "data",
            layers,
            "axisLabel",
            map("show", false),
            "axisTick",
            map("show", false),
            "axisPointer",
            map("show", true)));
    bottom = top + height;
    return index;
  }

  private static Map<String, Object> on(int index, Map<String, Object> series) {
    series.put("xAxisIndex", index);
    series.put("yAxisIndex", index);
    return series;
  }

  /**
   * Tells whether there is nothing to draw.
   *
   * @return true without panels
   */
  public boolean isEmpty() {
    return grids.isEmpty();
  }

  /**
   * How tall it is.
   *
   * @return CSS pixels
   */
  public int height() {
    return bottom + 40;
  }

  /**
   * The drawing.
   *
   * @return its options
   */
  public Chart build() {
    if (!xAxes.isEmpty()) {
      Map<String, Object> last = xAxes.get(xAxes.size() - 1);
      last.put("axisLabel", map("show", true));
      last.put("name", "layer");
    }
    return new Chart(
        map(
            "grid",
            grids,
            "title",
            titles,
            "xAxis",
            xAxes,
            "yAxis",
            yAxes,
            "axisPointer",
            map("link", List.of(map("xAxisIndex", "all"))),
            "series",
            series,
            "tooltip",
            map("trigger", "axis", "formatter", "fn:axis"),
            "toolbox",
            Options.toolbox()),
        map("x", "layer"));
  }
}
