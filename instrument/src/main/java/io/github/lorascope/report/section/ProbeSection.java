package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.HeatMap;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.data.ProbeScore;
import io.github.lorascope.report.data.RunFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What a linear probe can read from the states behind each layer. */
final class ProbeSection {
  private static final int HEIGHT = 310;
  private static final int LINES = 5;

  private ProbeSection() {}

  /** The scores of one step, by layers passed. */
  static NavigableMap<Integer, ProbeScore> at(List<ProbeScore> scores, boolean last) {
    NavigableMap<Integer, ProbeScore> out = new TreeMap<>();
    long step = step(scores, last);
    scores.stream()
        .filter(score -> score.step() == step && score.accuracy().isKnown())
        .forEach(score -> out.put(score.layer(), score));
    return out;
  }

  private static long step(List<ProbeScore> scores, boolean last) {
    return last
        ? scores.stream().mapToLong(ProbeScore::step).max().orElse(0)
        : scores.stream().mapToLong(ProbeScore::step).min().orElse(0);
  }

  static Section of(RunFiles files) {
    List<ProbeScore> scores = files.probes();
    List<Figure> figures = new ArrayList<>();
    if (scores.stream().anyMatch(score -> score.accuracy().isKnown())) {
      figures.add(byLayer(files).wide());
      if (scores.stream().mapToLong(ProbeScore::step).distinct().count() > 2) {
        figures.add(lines(scores));
        figures.add(map(scores));
      }
    }
    return new Section(
        "probes",
        "Probes",
        "How well a linear classifier reads the right answer from the last token's state. 0 is the"
            + " embedding, N the residual stream behind N layers. The control is the same probe on"
            + " shuffled labels: what it reaches is noise. The style of relevant passages alone may"
            + " lift a probe above 0.5.",
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        List.of());
  }

  private static Figure byLayer(RunFiles files) {
    List<ProbeScore> scores = files.probes();
    LineChart chart = LineChart.over("behind N layers");
    NavigableMap<Integer, ProbeScore> before = at(scores, false);
    NavigableMap<Integer, ProbeScore> after = at(scores, true);
    boolean trained = scores.stream().mapToLong(ProbeScore::step).distinct().count() > 1;
    if (trained) {
      add(chart, StepName.of((double) step(scores, false), files), Colour.BEFORE, before);
    }
    String last = trained ? StepName.of((double) step(scores, true), files) : "accuracy";
    add(chart, last, Colour.AFTER, after);
    chart.dashed(
        "control",
        Colour.CONTROL,
        new Points(
            layers(after), after.values().stream().mapToDouble(ProbeScore::control).toArray()));
    chart.reference(0.5, "chance").covering(0.5, 0.5);
    String title = "Probe accuracy by layer";
    return new Figure("probe-layers", title, "Cross-validated, 95% intervals.", HEIGHT)
        .view("", chart.build())
        .table(chart.table(title));
  }

  private static double[] layers(NavigableMap<Integer, ProbeScore> scores) {
    return scores.keySet().stream().mapToDouble(Integer::doubleValue).toArray();
  }

  private static void add(
      LineChart chart, String name, String colour, NavigableMap<Integer, ProbeScore> scores) {
    Estimates.dots(
        chart,
        name,
        colour,
        layers(scores),
        scores.values().stream().map(ProbeScore::accuracy).toArray(Estimate[]::new));
  }

  private static LayerMatrix matrix(List<ProbeScore> scores) {
    double[] steps = scores.stream().mapToDouble(ProbeScore::step).distinct().sorted().toArray();
    int[] layers = scores.stream().mapToInt(ProbeScore::layer).distinct().sorted().toArray();
    double[][] values = new double[steps.length][layers.length];
    for (double[] row : values) {
      Arrays.fill(row, Double.NaN);
    }
    for (ProbeScore score : scores) {
      values[Arrays.binarySearch(steps, (double) score.step())][
              Arrays.binarySearch(layers, score.layer())] =
          score.accuracy().value();
    }
    return new LayerMatrix(steps, layers, values);
  }

  /** A few layers, evenly from the first to the last. */
  private static Figure lines(List<ProbeScore> scores) {
    LayerMatrix matrix = matrix(scores);
    int n = matrix.layers().length;
    NavigableSet<Integer> chosen = new TreeSet<>();
    IntStream.range(0, LINES).forEach(i -> chosen.add((int) ((long) i * (n - 1) / (LINES - 1))));
    LineChart chart = LineChart.over("step");
    int colour = 0;
    for (int l : chosen) {
      chart.line(
          "N = " + matrix.layers()[l],
          Colour.of(colour),
          new Points(
              matrix.steps(), Arrays.stream(matrix.values()).mapToDouble(row -> row[l]).toArray()));
      colour++;
    }
    chart.reference(0.5, "chance").covering(0.5, 0.5);
    return new Figure("probe-steps", "Probe accuracy over the training", "A few layers.", HEIGHT)
        .view("", chart.build())
        .table(chart.table("Probe accuracy over the training"));
  }

  private static Figure map(List<ProbeScore> scores) {
    HeatMap map = LayerMaps.of(matrix(scores), "accuracy", "behind N layers");
    return new Figure(
            "probe-map",
            "When the answer becomes readable",
            "Probe accuracy by layer and step.",
            HEIGHT)
        .view("", map.build())
        .table(map.table("Probe accuracy by layer and step"));
  }
}
