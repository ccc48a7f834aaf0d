package io.github.lorascope.report.chart;

import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.html.NumberText;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Lines as rows of numbers. */
final class ValueTable {
  /** More rows than this are for a notebook. */
  private static final int MOST = 60;

  private final String caption;
  private final String xName;
  private final Map<String, Points> named;
  private final Map<String, double[][]> ends;

  ValueTable(
      String caption, String xName, Map<String, Points> named, Map<String, double[][]> ends) {
    this.caption = caption;
    this.xName = xName;
    this.named = named;
    this.ends = ends;
  }

  Table build() {
    NavigableSet<Double> positions = new TreeSet<>();
    NavigableSet<Double> withIntervals = new TreeSet<>();
    named.forEach(
        (name, points) -> addAll(ends.containsKey(name) ? withIntervals : positions, points));
    int every = Math.max(1, (positions.size() + MOST - 1) / MOST);
    NavigableSet<Double> shown = new TreeSet<>(withIntervals);
    int index = 0;
    for (double position : positions) {
      if (index % every == 0 || index == positions.size() - 1) {
        shown.add(position);
      }
      index++;
    }
    List<String> headers = new ArrayList<>(List.of(xName));
    headers.addAll(named.keySet());
    List<Map<Double, String>> columns = named.keySet().stream().map(this::column).toList();
    List<List<String>> rows = new ArrayList<>();
    for (double position : shown) {
      List<String> row = new ArrayList<>(List.of(position(position)));
      columns.forEach(column -> row.add(column.getOrDefault(position, "")));
      rows.add(row);
    }
    return new Table(every == 1 ? caption : caption + " (a selection)", headers, rows);
  }

  /** Steps and layers are whole numbers as a rule, and all of their digits count. */
  private static String position(double position) {
    return position == Math.rint(position) ? NumberText.count(position) : NumberText.of(position);
  }

  private static void addAll(NavigableSet<Double> set, Points points) {
    for (double x : points.x()) {
      set.add(x);
    }
  }

  private Map<Double, String> column(String name) {
    Points points = named.get(name);
    double[][] interval = ends.get(name);
    Map<Double, String> cells = new HashMap<>();
    for (int i = 0; i < points.size(); i++) {
      String text = Double.isFinite(points.y()[i]) ? NumberText.of(points.y()[i]) : "";
      if (interval != null && Double.isFinite(interval[0][i]) && !text.isEmpty()) {
        text += " [" + NumberText.of(interval[0][i]) + ", " + NumberText.of(interval[1][i]) + "]";
      }
      cells.put(points.x()[i], text);
    }
    return cells;
  }
}
