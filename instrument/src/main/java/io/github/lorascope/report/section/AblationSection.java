package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.DotPlot;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.AblationTable;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.data.StepTable;
import io.github.lorascope.report.html.NumberText;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Trainings of some layers alone. */
final class AblationSection {
  private AblationSection() {}

  static Section of(RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    List<Table> tables = new ArrayList<>();
    files
        .ablation()
        .ifPresent(
            ablation -> {
              accuracy(ablation, figures);
              curves(ablation, files.ablationRuns(), figures);
              if (!ablation.comparisons().isEmpty()) {
                tables.add(comparisons(ablation));
              }
              if (!ablation.runs().isEmpty()) {
                tables.add(runs(ablation));
              }
            });
    return new Section(
        "ablation",
        "Layer ablation",
        "The same training from scratch with adapters on some layers alone. Dots are single seeds:"
            + " what another start does.",
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        tables);
  }

  private static void accuracy(AblationTable ablation, List<Figure> figures) {
    DotPlot plot = new DotPlot("accuracy");
    List<List<String>> rows = new ArrayList<>();
    for (AblationTable.Group group : ablation.groups()) {
      if (!ablation.accuracy(group.name()).isKnown()) {
        continue;
      }
      plot.row(
          group.name() + " (" + stretch(group.layers()) + ")", ablation.accuracy(group.name()));
      ablation.runs().stream()
          .filter(run -> run.group().equals(group.name()) && run.accuracy().isKnown())
          .forEach(run -> plot.single("each seed", run.accuracy().value(), run.seed()));
      rows.add(
          List.of(
              group.name(),
              stretch(group.layers()),
              Estimates.share(ablation.accuracy(group.name()))));
    }
    if (!rows.isEmpty()) {
      figures.add(
          new Figure(
                  "ablation-accuracy",
                  "Accuracy of each group",
                  "On "
                      + NumberText.count(ablation.n())
                      + " held-out pairs, the same for each seed.",
                  90 + 44 * rows.size())
              .view("", plot.reference(0.5, "guessing").build())
              .table(
                  new Table(
                      "Accuracy of each group", List.of("group", "layers", "accuracy"), rows)));
    }
  }

  private static void curves(
      AblationTable ablation, Map<String, StepTable> runs, List<Figure> figures) {
    LineChart chart = LineChart.over("step");
    int colour = 0;
    for (AblationTable.Group group : ablation.groups()) {
      List<Points> some =
          ablation.runs().stream()
              .filter(run -> run.group().equals(group.name()) && runs.containsKey(run.folder()))
              .map(run -> TrainingSection.smoothedLoss(runs.get(run.folder())))
              .toList();
      chart.line(group.name(), Colour.of(colour), mean(some));
      colour++;
    }
    if (!chart.isEmpty()) {
      chart.reference(Math.log(2), "ln 2: guessing").covering(Math.log(2), Math.log(2));
      figures.add(
          new Figure(
                  "ablation-loss",
                  "Training loss of each group",
                  "Smoothed; mean of its seeds.",
                  330)
              .view("", chart.build())
              .table(chart.table("Training loss of each group")));
    }
  }

  /** The mean at each step of those that have it. */
  private static Points mean(List<Points> some) {
    NavigableMap<Double, List<Double>> values = new TreeMap<>();
    for (Points points : some) {
      for (int i = 0; i < points.size(); i++) {
        values.computeIfAbsent(points.x()[i], unused -> new ArrayList<>()).add(points.y()[i]);
      }
    }
    return new Points(
        values.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
        values.values().stream()
            .mapToDouble(
                at ->
                    at.stream()
                        .mapToDouble(Double::doubleValue)
                        .filter(Double::isFinite)
                        .average()
                        .orElse(Double.NaN))
            .toArray());
  }

  private static Table comparisons(AblationTable ablation) {
    return new Table(
        "Groups against each other, on the same pairs; noise by Holm, all comparisons together",
        List.of(
            "groups",
            "second minus first [95%]",
            "p",
            seeds(ablation) == 1 ? "beyond noise of the pairs" : "beyond noise",
            "pairs to the climb, second minus first [95%]"),
        ablation.comparisons().stream()
            .map(
                row ->
                    List.of(
                        row.first() + " against " + row.second(),
                        Estimates.change(row.difference()),
                        Double.isFinite(row.probability()) ? NumberText.of(row.probability()) : "",
                        row.beyondNoise() ? "yes" : "no",
                        row.climb().isKnown() ? Estimates.change(row.climb()) : ""))
            .toList());
  }

  /** How many seeds there are runs of. */
  static long seeds(AblationTable ablation) {
    return ablation.runs().stream().map(AblationTable.Run::seed).distinct().count();
  }

  private static Table runs(AblationTable ablation) {
    return new Table(
        "Each training",
        List.of("group", "seed", "accuracy [95%]", "climb at step", "after pairs"),
        ablation.runs().stream()
            .map(
                run ->
                    List.of(
                        run.group(),
                        Long.toString(run.seed()),
                        Estimates.share(run.accuracy()),
                        count(run.climbStep()),
                        count(run.climbPairs())))
            .toList());
  }

  private static String count(OptionalInt number) {
    return number.isPresent() ? NumberText.count(number.getAsInt()) : "none";
  }

  /** Layers as stretches, such as 0–5, 12–17. */
  static String stretch(List<Integer> layers) {
    int[] sorted = layers.stream().mapToInt(Integer::intValue).sorted().toArray();
    List<String> out = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= sorted.length; i++) {
      if (i == sorted.length || sorted[i] != sorted[i - 1] + 1) {
        int[] run = Arrays.copyOfRange(sorted, start, i);
        out.add(run.length == 1 ? "" + run[0] : run[0] + "–" + run[run.length - 1]);
        start = i;
      }
    }
    return out.isEmpty() ? "none" : String.join(", ", out);
  }
}
