package io.github.lorascope.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.DoubleStream;

/**
 * One figure: a drawing of some series over the steps with axes and grid, a legend, a line that
 * says the values under the pointer, and a table for those who do not see the drawing.
 */
final class Chart {
  private static final double WIDTH = 420;
  private static final double HEIGHT = 230;
  private static final double LEFT = 46;
  private static final double RIGHT = WIDTH - 10;
  private static final double TOP = 10;
  private static final double BOTTOM = HEIGHT - 34;
  private static final int TABLE_ROWS = 12;

  private final String title;
  private final String about;
  private final List<Series> series = new ArrayList<>();
  private Optional<Reference> reference = Optional.empty();
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;

  /** A horizontal line to hold the series against. */
  private record Reference(double value, String label) {}

  /** The about says in a sentence how to read the chart. */
  Chart(String title, String about) {
    this.title = title;
    this.about = about;
  }

  /** Adds a series; one without a finite value is left out. */
  Chart add(Series one) {
    if (!one.points().isEmpty()) {
      series.add(one);
    }
    return this;
  }

  Chart reference(double value, String label) {
    reference = Optional.of(new Reference(value, label));
    return this;
  }

  /** Makes the value axis cover at least this. */
  Chart covering(double low, double high) {
    least = low;
    most = high;
    return this;
  }

  boolean isEmpty() {
    return series.isEmpty();
  }

  String title() {
    return title;
  }

  String toHtml() {
    Axis x = steps();
    Axis y = values();
    StringBuilder out = new StringBuilder("<figure class=\"chart\"");
    out.append(String.format(Locale.ROOT, " data-x=\"%s %s\"", x.low(), x.high()));
    out.append(
        String.format(
            Locale.ROOT, " data-plot=\"%s %s %s\">\n", LEFT / WIDTH, RIGHT / WIDTH, WIDTH));
    out.append("<figcaption><h3>").append(Html.escape(title)).append("</h3><p>");
    out.append(Html.escape(about)).append("</p>").append(legend()).append("</figcaption>\n");
    out.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH,
            HEIGHT,
            Html.escape(title + ". " + inWords())));
    out.append(grid(x, y));
    for (int i = 0; i < series.size(); i++) {
      out.append(draw(series.get(i), colour(i), x, y));
    }
    reference.ifPresent(r -> out.append(draw(r, y)));
    out.append(
        String.format(Locale.ROOT, "<path class=\"cursor\" d=\"M0 %.0fV%.0f\"/>\n", TOP, BOTTOM));
    out.append("</svg>\n<output></output>\n").append(table()).append("</figure>\n");
    return out.toString();
  }

  private Axis steps() {
    double low = series.stream().mapToDouble(s -> s.points().finite().x()[0]).min().orElse(0);
    double high =
        series.stream()
            .map(s -> s.points().finite().x())
            .mapToDouble(at -> at[at.length - 1])
            .max()
            .orElse(1);
    return Axis.within(low, high, 5);
  }

  private Axis values() {
    DoubleStream drawn = series.stream().flatMapToDouble(Series::values);
    DoubleStream held = reference.stream().mapToDouble(Reference::value);
    double[] all = DoubleStream.concat(drawn, held).toArray();
    return Axis.around(
        DoubleStream.of(all).reduce(least, Math::min),
        DoubleStream.of(all).reduce(most, Math::max),
        5);
  }

  /** The raw form of a quantity has the colour of the line after it. */
  private String colour(int index) {
    long before =
        series.subList(0, index).stream().filter(s -> s.style() != Series.Style.RAW).count();
    return "c" + before;
  }

  private String legend() {
    StringBuilder out = new StringBuilder("<ul class=\"legend\">");
    for (int i = 0; i < series.size(); i++) {
      String style = series.get(i).style().name().toLowerCase(Locale.ROOT);
      out.append("<li class=\"").append(colour(i)).append(' ').append(style).append("\">");
      out.append(Html.escape(series.get(i).name())).append("</li>");
    }
    return out.append("</ul>").toString();
  }

  private static String grid(Axis x, Axis y) {
    StringBuilder out = new StringBuilder("<g class=\"grid\">\n");
    for (double mark : y.marks()) {
      String at = NumberText.coordinate(down(y, mark));
      out.append(String.format(Locale.ROOT, "<path d=\"M%.0f %sH%.0f\"/>", LEFT, at, RIGHT));
      out.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.0f\" y=\"%s\" dy=\".35em\" text-anchor=\"end\">%s</text>\n",
              LEFT - 6,
              at,
              NumberText.of(mark)));
    }
    for (double mark : x.marks()) {
      if (mark != Math.rint(mark)) {
        continue; // There is no half step.
      }
      String at = NumberText.coordinate(across(x, mark));
      out.append(String.format(Locale.ROOT, "<path d=\"M%s %.0fv4\"/>", at, BOTTOM));
      out.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%s\" y=\"%.0f\" text-anchor=\"middle\">%s</text>\n",
              at,
              BOTTOM + 16,
              NumberText.count(mark)));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">step</text>\n</g>\n",
            RIGHT,
            HEIGHT - 4));
    return out.toString();
  }

  private static String draw(Reference reference, Axis y) {
    String at = NumberText.coordinate(down(y, reference.value()));
    return String.format(
        Locale.ROOT,
        "<g class=\"reference\"><path d=\"M%.0f %sH%.0f\"/>"
            + "<text x=\"%.0f\" y=\"%s\" dy=\"-.4em\" text-anchor=\"end\">%s</text></g>\n",
        LEFT,
        at,
        RIGHT,
        RIGHT,
        at,
        Html.escape(reference.label()));
  }

  private static String draw(Series one, String colour, Axis x, Axis y) {
    String style = one.style().name().toLowerCase(Locale.ROOT);
    StringBuilder out = new StringBuilder();
    out.append("<g class=\"").append(colour).append(' ').append(style).append("\" data-name=\"");
    out.append(Html.escape(one.name())).append("\" data-points=\"");
    Points finite = one.points().finite();
    for (int i = 0; i < finite.size(); i++) {
      out.append(i == 0 ? "" : " ").append((long) finite.x()[i]).append(',');
      out.append(NumberText.of(finite.y()[i]).replace(",", ""));
    }
    out.append("\">\n<path d=\"").append(path(one.points(), x, y)).append("\"/>\n");
    one.whiskers().ifPresent(whiskers -> out.append(dots(one.points(), whiskers, x, y)));
    return out.append("</g>\n").toString();
  }

  /** A value that is not finite is a gap; a point between two gaps is drawn as a dot. */
  private static String path(Points points, Axis x, Axis y) {
    StringBuilder out = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < points.size(); i++) {
      if (!Double.isFinite(points.y()[i])) {
        pen = false;
        continue;
      }
      out.append(pen ? 'L' : 'M').append(NumberText.coordinate(across(x, points.x()[i])));
      out.append(' ').append(NumberText.coordinate(down(y, points.y()[i])));
      boolean alone = !pen && (i + 1 == points.size() || !Double.isFinite(points.y()[i + 1]));
      out.append(alone ? "h0" : "");
      pen = true;
    }
    return out.toString();
  }

  private static String dots(Points points, Series.Whiskers whiskers, Axis x, Axis y) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < points.size(); i++) {
      if (!Double.isFinite(points.y()[i])) {
        continue;
      }
      String at = NumberText.coordinate(across(x, points.x()[i]));
      String said =
          "step " + NumberText.count(points.x()[i]) + ": " + NumberText.share(points.y()[i]);
      double low = whiskers.low()[i];
      double high = whiskers.high()[i];
      if (Double.isFinite(low) && Double.isFinite(high)) {
        out.append(
            String.format(
                Locale.ROOT,
                "<path class=\"whisker\" d=\"M%s %sV%s\"/>",
                at,
                NumberText.coordinate(down(y, low)),
                NumberText.coordinate(down(y, high))));
        said += " [" + NumberText.bound(low) + ", " + NumberText.bound(high) + "]";
      }
      out.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%s\" cy=\"%s\" r=\"3.2\"><title>%s</title></circle>\n",
              at,
              NumberText.coordinate(down(y, points.y()[i])),
              Html.escape(said)));
    }
    return out.toString();
  }

  private static double across(Axis x, double value) {
    return LEFT + x.position(value) * (RIGHT - LEFT);
  }

  private static double down(Axis y, double value) {
    return BOTTOM - y.position(value) * (BOTTOM - TOP);
  }

  private String inWords() {
    StringBuilder out = new StringBuilder();
    for (Series one : series) {
      Points finite = one.points().finite();
      int last = finite.size() - 1;
      out.append(out.isEmpty() ? "" : " ").append(one.name()).append(": ");
      out.append(NumberText.of(finite.y()[0])).append(" at step ");
      out.append(NumberText.count(finite.x()[0])).append(", ");
      out.append(NumberText.of(finite.y()[last])).append(" at step ");
      out.append(NumberText.count(finite.x()[last])).append('.');
    }
    return out.toString();
  }

  /** Some steps, of those that most series have a value at. */
  private String table() {
    TreeSet<Double> shared = new TreeSet<>();
    series.forEach(s -> DoubleStream.of(s.points().finite().x()).forEach(shared::add));
    for (Series one : series) {
      TreeSet<Double> fewer = new TreeSet<>(shared);
      fewer.retainAll(DoubleStream.of(one.points().finite().x()).boxed().toList());
      if (fewer.size() > 1) {
        shared.retainAll(fewer);
      }
    }
    List<Double> steps = new ArrayList<>(shared);
    int rows = Math.min(TABLE_ROWS, steps.size());
    List<List<String>> cells = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      double step = steps.get(rows == 1 ? 0 : row * (steps.size() - 1) / (rows - 1));
      List<String> line = new ArrayList<>(List.of(NumberText.count(step)));
      series.forEach(s -> line.add(valueAt(s.points().finite(), step)));
      cells.add(line);
    }
    List<String> headers = new ArrayList<>(List.of("step"));
    series.forEach(s -> headers.add(s.name()));
    return "<details><summary>Some of the values</summary>\n"
        + new Table(title, headers, cells).toHtml()
        + "</details>\n";
  }

  private static String valueAt(Points points, double step) {
    int at = Arrays.binarySearch(points.x(), step);
    return at < 0 ? "" : NumberText.of(points.y()[at]);
  }
}
