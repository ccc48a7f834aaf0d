package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.HeatMap;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.data.StepTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the adapter's gradients are, and what they change. */
final class GradientSection {
  private static final int HEIGHT = 270;

  private GradientSection() {}

  static Section of(RunFiles files) {
    List<FigureGroup> groups = new ArrayList<>();
    maps(files).ifPresent(groups::add);
    List<Figure> lines = new ArrayList<>();
    files.gradients().ifPresent(gradients -> addLines(lines, gradients));
    if (!lines.isEmpty()) {
      groups.add(FigureGroup.of(lines));
    }
    return new Section(
        "gradients",
        "Gradients",
        "The length of each layer's adapter gradient at every step, before clipping. A's is zero at"
            + " the first step, because B starts at zero.",
        groups,
        List.of());
  }

  private static Optional<FigureGroup> maps(RunFiles files) {
    Figure figure =
        new Figure(
                "gradient-map",
                "By layer and step",
                "Raw: on a logarithmic scale. Normalised: as a share of the step's largest layer,"
                    + " which shows where the gradient is whatever its size.",
                430)
            .wide();
    Optional<LayerMatrix> norm = files.gradients().flatMap(g -> g.layers("norm"));
    norm.ifPresent(
        n -> {
          add(figure, "raw", LayerMaps.of(n, "gradient norm", "layer").log());
          add(figure, "normalised", LayerMaps.of(n.normalised(), "share of largest", "layer"));
        });
    files
        .gradients()
        .flatMap(g -> g.layers("update_ratio"))
        .ifPresent(
            m -> add(figure, "update ratio", LayerMaps.of(m, "update / weight", "layer").log()));
    files
        .gradients()
        .flatMap(g -> g.layers("effective_rank"))
        .ifPresent(m -> add(figure, "effective rank", LayerMaps.of(m, "effective rank", "layer")));
    files
        .residual()
        .flatMap(r -> r.layers("norm"))
        .ifPresent(
            m ->
                add(
                    figure,
                    "residual stream",
                    LayerMaps.of(m, "gradient norm", "behind N layers").log()));
    return figure.views().isEmpty()
        ? Optional.empty()
        : Optional.of(new FigureGroup("gradient-view", "Show", List.of(figure)));
  }

  private static void add(Figure figure, String view, HeatMap map) {
    if (!map.isEmpty()) {
      figure.view(view, map.build()).table(map.table(view));
    }
  }

  private static void addLines(List<Figure> figures, StepTable gradients) {
    figure(
        figures,
        "gradient-thirds",
        "Thirds of the model",
        "Mean norm of the layers of each third of the depth (of 32: 0–9, 10–20, 21–31),"
            + " logarithmic.",
        LineChart.over("step")
            .log()
            .line("early", Colour.of(0), gradients.points("early"))
            .line("middle", Colour.of(2), gradients.points("middle"))
            .line("late", Colour.of(1), gradients.points("late")));
    LineChart ratio =
        LineChart.over("step")
            .log()
            .line("late / early", Colour.of(1), gradients.points("late_early_ratio"));
    if (!ratio.isEmpty()) {
      ratio.reference(1, "equal").covering(1, 1);
    }
    figure(
        figures,
        "gradient-ratio",
        "Late against early",
        "Above 1 the last third's gradient is larger; logarithmic.",
        ratio);
    figure(
        figures,
        "gradient-ab",
        "A against B",
        "Mean over layers of each matrix's norm, logarithmic.",
        meanLine(meanLine(logarithmic(), gradients, "A", "a", 0), gradients, "B", "b", 1));
    figure(
        figures,
        "gradient-qkv",
        "Query, key and value",
        "Mean over layers of the norms of B's rows, logarithmic.",
        meanLine(
            meanLine(meanLine(logarithmic(), gradients, "q", "q", 0), gradients, "k", "k", 1),
            gradients,
            "v",
            "v",
            2));
    figure(
        figures,
        "update-ratio",
        "Update ratio",
        "Length of the step's update over that of the adapter's weights; mean over layers,"
            + " logarithmic.",
        meanLine(logarithmic(), gradients, "update / weight", "update_ratio", 0));
    figure(
        figures,
        "effective-rank",
        "Effective rank",
        "How many directions B·A really uses; mean over layers.",
        meanLine(LineChart.over("step"), gradients, "effective rank", "effective_rank", 0));
  }

  private static LineChart logarithmic() {
    return LineChart.over("step").log();
  }

  private static LineChart meanLine(
      LineChart chart, StepTable gradients, String name, String field, int colour) {
    gradients
        .layers(field)
        .ifPresent(matrix -> chart.line(name, Colour.of(colour), matrix.meanOverLayers()));
    return chart;
  }

  private static void figure(
      List<Figure> figures, String id, String title, String note, LineChart chart) {
    if (!chart.isEmpty()) {
      figures.add(
          new Figure(id, title, note, HEIGHT).view("", chart.build()).table(chart.table(title)));
    }
  }
}
