package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.HeatMap;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.data.StepTable;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What the head would answer at every depth. */
final class LensSection {
  private static final int HEIGHT = 310;

  private LensSection() {}

  static Section of(RunFiles files) {
    List<FigureGroup> groups = new ArrayList<>();
    files
        .lens()
        .ifPresent(
            lens -> {
              List<Figure> figures = byDepth(lens, files);
              if (!figures.isEmpty()) {
                groups.add(FigureGroup.of(figures));
              }
              Figure map = map(lens);
              if (!map.views().isEmpty()) {
                groups.add(new FigureGroup("lens-view", "Show", List.of(map)));
              }
            });
    return new Section(
        "lens",
        "Lens",
        "The final norm and the head applied to the last token's state behind every layer:"
            + " from which depth on the answer is there in the form that the head reads.",
        groups,
        List.of());
  }

  /** The estimates of the first or last line, one a depth; empty where there are none. */
  static Estimate[] accuracies(StepTable lens, boolean last) {
    return lens.layers("accuracy")
        .map(
            matrix -> {
              int row = last ? matrix.steps().length - 1 : 0;
              return IntStream.range(0, matrix.layers().length)
                  .mapToObj(
                      l ->
                          new Estimate(
                              matrix.values()[row][l],
                              at(lens, "accuracy_low", matrix.steps()[row], l),
                              at(lens, "accuracy_high", matrix.steps()[row], l)))
                  .toArray(Estimate[]::new);
            })
        .orElse(new Estimate[0]);
  }

  /** What the model of the last line is called. */
  static String lastName(LayerMatrix matrix, RunFiles files) {
    return StepName.of(matrix.steps()[matrix.steps().length - 1], files);
  }

  /** On how many pairs the last line is, where it says so. */
  static String pairs(StepTable lens) {
    Points n = lens.points("n").finite();
    return n.size() == 0 ? "" : " on " + NumberText.counted(n.y()[n.size() - 1], "pairs");
  }

  private static double at(StepTable lens, String field, double step, int layer) {
    return lens.layers(field)
        .map(
            matrix -> {
              int row = Arrays.binarySearch(matrix.steps(), step);
              return row < 0 ? Double.NaN : matrix.values()[row][layer];
            })
        .orElse(Double.NaN);
  }

  private static List<Figure> byDepth(StepTable lens, RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    double[] depths = IntStream.of(lens.layers()).asDoubleStream().toArray();
    lens.layers("accuracy")
        .ifPresent(
            matrix -> {
              LineChart chart = LineChart.over("behind N layers");
              if (matrix.steps().length > 1) {
                Estimates.dots(
                    chart,
                    StepName.of(matrix.steps()[0], files),
                    Colour.BEFORE,
                    depths,
                    accuracies(lens, false));
              }
              Estimates.dots(
                  chart, lastName(matrix, files), Colour.AFTER, depths, accuracies(lens, true));
              chart.reference(0.5, "chance").covering(0.5, 0.5);
              figures.add(
                  new Figure(
                          "lens-accuracy",
                          "Accuracy by depth",
                          "Share answered right, 95% intervals.",
                          HEIGHT)
                      .view("", chart.build())
                      .table(chart.table("Lens accuracy by depth")));
            });
    lens.layers("margin")
        .ifPresent(
            matrix -> {
              LineChart chart = LineChart.over("behind N layers");
              double[][] values = matrix.values();
              if (values.length > 1) {
                chart.line(
                    StepName.of(matrix.steps()[0], files),
                    Colour.BEFORE,
                    new Points(depths, values[0]));
              }
              chart.line(
                  lastName(matrix, files),
                  Colour.AFTER,
                  new Points(depths, values[values.length - 1]));
              chart.reference(0, "no preference").covering(0, 0);
              figures.add(
                  new Figure(
                          "lens-margin",
                          "Margin by depth",
                          "Mean logit difference, right minus wrong.",
                          HEIGHT)
                      .view("", chart.build())
                      .table(chart.table("Lens margin by depth")));
            });
    return figures;
  }

  private static Figure map(StepTable lens) {
    Figure figure = new Figure("lens-map", "By depth and step", "At every evaluation.", 340).wide();
    for (String field : List.of("accuracy", "margin")) {
      lens.layers(field)
          .filter(matrix -> matrix.steps().length > 2)
          .ifPresent(matrix -> add(figure, field, matrix));
    }
    return figure;
  }

  private static void add(Figure figure, String field, LayerMatrix matrix) {
    HeatMap map =
        LayerMaps.of(matrix, field, "behind N layers")
            .diverging(field.equals("accuracy") ? 0.5 : 0);
    figure.view(field, map.build()).table(map.table("Lens " + field));
  }
}
