package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.ScatterPair;
import io.github.lorascope.report.data.Projections;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The states on their two principal components. */
final class ProjectionSection {
  private ProjectionSection() {}

  static Section of(RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    files
        .projections()
        .ifPresent(
            projections -> {
              for (int layer : projections.layers()) {
                figures.add(figure(projections, layer));
              }
            });
    return new Section(
        "pca",
        "Principal components",
        "The last token's states on the two directions in which they vary most, one dot an example."
            + " Each picture has its own directions; compare how far the two answers lie apart, not"
            + " where. In brackets: the share of the variance that a picture shows.",
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        List.of());
  }

  private static Figure figure(Projections projections, int layer) {
    List<List<String>> rows = new ArrayList<>();
    ScatterPair chart = new ScatterPair(List.of("A is right", "B is right"));
    for (String when : List.of("before", "after")) {
      Optional<Projections.Plane> plane = projections.plane(when, layer);
      plane.ifPresent(
          p -> {
            chart.cloud(
                when + " (" + percent(p.explained()[0] + p.explained()[1]) + ")",
                p.xy(),
                projections.labels());
            rows.add(
                List.of(
                    when,
                    percent(p.explained()[0]),
                    percent(p.explained()[1]),
                    centre(p.xy(), projections.labels(), 0),
                    centre(p.xy(), projections.labels(), 1)));
          });
    }
    return new Figure("pca-" + layer, name(layer), "", 280)
        .view("", chart.build())
        .table(
            new Table(
                "Shares of the variance, and the middle of each answer's dots",
                List.of("states", "first", "second", "A is right", "B is right"),
                rows));
  }

  private static String centre(float[] xy, int[] labels, int label) {
    double x = 0;
    double y = 0;
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == label) {
        x += xy[2 * i];
        y += xy[2 * i + 1];
        n++;
      }
    }
    return n == 0 ? "" : NumberText.of(x / n) + ", " + NumberText.of(y / n);
  }

  private static String name(int layer) {
    return layer == 0 ? "Embedding" : "Behind " + layer + (layer == 1 ? " layer" : " layers");
  }

  private static String percent(double share) {
    return NumberText.count(100 * share) + "%";
  }
}
