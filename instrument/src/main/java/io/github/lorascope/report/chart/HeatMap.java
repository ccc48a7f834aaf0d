package io.github.lorascope.report.chart;

import static io.github.lorascope.report.chart.Options.map;
import static io.github.lorascope.report.chart.Options.number;
import static io.github.lorascope.report.chart.Options.numbers;

import io.github.lorascope.report.html.NumberText;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values by two categories, as colours. */
public final class HeatMap {
  /** Wider tables are for a notebook. */
  private static final int MOST_COLUMNS = 24;

  private final String xName;
  private final List<String> xs;
  private final String yName;
  private final List<String> ys;
  private final String valueName;
  private final List<double[]> cells = new ArrayList<>();
  private final List<Object> marks = new ArrayList<>();
  private String intervalName = "";
  private boolean log;
  private boolean diverging;
  private double middle;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;

  private HeatMap(String xName, List<String> xs, String yName, List<String> ys, String valueName) {
    this.xName = xName;
    this.xs = List.copyOf(xs);
    this.yName = yName;
    this.ys = List.copyOf(ys);
    this.valueName = valueName;
  }

  /**
   * Begins a heat map.
   *
   * @param xName what runs from left to right
   * @param xs its categories
   * @param yName what runs from below to above
   * @param ys its categories
   * @param valueName what the colours say
   * @return a heat map without cells
   */
  public static HeatMap of(
      String xName, List<String> xs, String yName, List<String> ys, String valueName) {
    return new HeatMap(xName, xs, yName, ys, valueName);
  }

  /**
   * Lets colours follow the logarithm; what is not above zero is left out.
   *
   * @return this
   */
  public HeatMap log() {
    log = true;
    cells.removeIf(cell -> cell[2] <= 0);
    if (least <= 0) {
      least = cells.stream().mapToDouble(cell -> cell[2]).min().orElse(Double.POSITIVE_INFINITY);
    }
    return this;
  }

  /**
   * Gives values below and above a middle colours of two kinds, equally far to both sides.
   *
   * @param value the middle
   * @return this
   */
  public HeatMap diverging(double value) {
    diverging = true;
    middle = value;
    return this;
  }

  /**
   * Lets colours reach at least from one value to another, so that several maps compare.
   *
   * @param low lowest
   * @param high highest
   * @return this
   */
  public HeatMap covering(double low, double high) {
    least = Math.min(least, low);
    greatest = Math.max(greatest, high);
    return this;
  }

  /**
   * Says what the two ends of each cell are.
   *
   * @param name such as 95% interval
   * @return this
   */
  public HeatMap interval(String name) {
    intervalName = name;
    return this;
  }

  /**
   * Adds a cell.
   *
   * @param x index of its column
   * @param y index of its row
   * @param value what its colour says; left out where it is NaN
   * @param low lower end, or NaN
   * @param high upper end, or NaN
   * @return this
   */
  public HeatMap cell(int x, int y, double value, double low, double high) {
    if (Double.isFinite(value) && (!log || value > 0)) {
      cells.add(new double[] {x, y, value, low, high});
      covering(value, value);
    }
    return this;
  }

  /**
   * Puts a dot on a cell.
   *
   * @param x index of its column
   * @param y index of its row
   * @return this
   */
  public HeatMap mark(int x, int y) {
    marks.add(List.of(x, y));
    return this;
  }

  /**
   * Tells whether there is nothing to draw.
   *
   * @return true if no cell has a value
   */
  public boolean isEmpty() {
    return cells.isEmpty();
  }

  private double scale(double value) {
    return log ? Math.log10(value) : value;
  }

  /**
   * The drawing.
   *
   * @return its options
   */
  public Chart build() {
    List<Object> series = new ArrayList<>();
    List<Object> data = new ArrayList<>();
    for (double[] cell : cells) {
      double scaled = scale(cell[2]);
      data.add(
          Double.isFinite(cell[3])
              ? numbers(cell[0], cell[1], scaled, cell[2], cell[3], cell[4])
              : numbers(cell[0], cell[1], scaled, cell[2]));
    }
    series.add(
        map(
            "type",
            "heatmap",
            "name",
            valueName,
            "data",
            data,
            "progressive",
            0,
            "animation",
            false));
    if (!marks.isEmpty()) {
      series.add(
          map(
              "type",
              "scatter",
              "name",
              "",
              "silent",
              true,
              "symbolSize",
              4,
              "itemStyle",
              map("color", "c:ink"),
              "data",
              marks));
    }
    Map<String, Object> option =
        map(
            "grid",
            map("left", 4, "right", 8, "top", 30, "bottom", 56, "containLabel", true),
            "xAxis",
            axis(xName, xs),
            "yAxis",
            axis(yName, ys),
            "visualMap",
            colours(),
            "series",
            series,
            "tooltip",
            map("trigger", "item", "formatter", "fn:cell"),
            "toolbox",
            Options.toolbox());
    return new Chart(option, map("x", xName, "y", yName, "value", valueName, "ends", intervalName));
  }

  private static Map<String, Object> axis(String name, List<String> categories) {
    return map("type", "category", "name", name, "data", categories);
  }

  private Map<String, Object> colours() {
    double low = least;
    double high = greatest;
    if (diverging) {
      double reach = Math.max(Math.max(high - middle, middle - low), 1e-9);
      low = middle - reach;
      high = middle + reach;
    }
    if (!(high > low)) {
      high = low + Math.max(Math.abs(low), 1e-9);
    }
    return map(
        "type",
        "continuous",
        "dimension",
        2,
        "seriesIndex",
        0,
        "min",
        number(scale(low)),
        "max",
        number(scale(high)),
        "calculable",
        false,
        "orient",
        "horizontal",
        "left",
        "center",
        "bottom",
        0,
        "itemWidth",
        10,
        "itemHeight",
        110,
        "text",
        List.of(NumberText.of(high), NumberText.of(low)),
        "inRange",
        map("color", diverging ? "c:diverging" : "c:sequential"));
  }

  /**
   * The values.
   *
   * @param caption what they are
   * @return a row for each row of the map, from above to below; of many columns, some of them
   */
  public Table table(String caption) {
    int every = Math.max(1, (xs.size() + MOST_COLUMNS - 1) / MOST_COLUMNS);
    List<String> headers = new ArrayList<>(List.of(yName + " \\ " + xName));
    for (int x = 0; x < xs.size(); x += every) {
      headers.add(xs.get(x));
    }
    String[][] text = new String[ys.size()][xs.size()];
    for (double[] cell : cells) {
      text[(int) cell[1]][(int) cell[0]] = NumberText.of(cell[2]);
    }
    List<List<String>> rows = new ArrayList<>();
    for (int y = ys.size() - 1; y >= 0; y--) {
      List<String> row = new ArrayList<>(List.of(ys.get(y)));
      for (int x = 0; x < xs.size(); x += every) {
        row.add(text[y][x] == null ? "" : text[y][x]);
      }
      rows.add(row);
    }
    return new Table(every == 1 ? caption : caption + " (a selection)", headers, rows);
  }
}
