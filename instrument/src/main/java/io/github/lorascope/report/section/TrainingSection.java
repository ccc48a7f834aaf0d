package io.github.lorascope.report.section;

import io.github.lorascope.curve.ChangePoint;
import io.github.lorascope.curve.Curve;
import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.data.StepTable;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The curves of the training. */
final class TrainingSection {
  private static final int HEIGHT = 290;
  private static final int LONGEST_MEAN = 50;
  private static final Points NONE = new Points(new double[0], new double[0]);

  private TrainingSection() {}

  /** A chart, drawn or not, and how to read it. */
  private record Drawing(String id, String note, LineChart chart) {}

  static Section of(RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    drawings(files)
        .forEach(
            (title, drawing) -> {
              if (!drawing.chart().isEmpty()) {
                Figure figure =
                    new Figure(drawing.id(), title, drawing.note(), HEIGHT)
                        .view("", drawing.chart().build())
                        .table(drawing.chart().table(title));
                figures.add(figures.isEmpty() ? figure.wide() : figure);
              }
            });
    boolean marked = files.curves().stream().anyMatch(curve -> !curve.changePoints().isEmpty());
    return new Section(
        "training",
        "Training",
        "Each batch, its running mean, and what held-out pairs say."
            + (marked ? " Upright lines mark the steps at which a level changes." : ""),
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        List.of());
  }

  /** The titles of the charts that have no values. */
  static List<String> missing(RunFiles files) {
    return drawings(files).entrySet().stream()
        .filter(entry -> entry.getValue().chart().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Map<String, Drawing> drawings(RunFiles files) {
    Map<String, Drawing> out = new LinkedHashMap<>();
    out.put(
        "Training loss",
        new Drawing(
            "loss",
            "Cross-entropy in nats. ln 2 = 0.693 is what guessing between two passages costs.",
            loss(files)));
    out.put(
        "Accuracy",
        new Drawing(
            "accuracy",
            "Share of pairs answered right; held-out pairs with their 95% intervals.",
            accuracy(files)));
    out.put(
        "Mean P(correct)",
        new Drawing("p-correct", "Probability given to the right passage.", probability(files)));
    out.put(
        "Learning rate",
        new Drawing(
            "learning-rate",
            "As the schedule set it.",
            LineChart.over("step")
                .line("learning rate", Colour.AFTER, points(files, "learning_rate"))
                .covering(0, 0)));
    out.put(
        "Gradient norm",
        new Drawing(
            "gradient-norm",
            "Length of the adapter's gradient before clipping.",
            withMean(files, "gradient_norm").covering(0, 0)));
    return out;
  }

  private static Points points(RunFiles files, String field) {
    return files.metrics().map(metrics -> metrics.points(field)).orElse(NONE);
  }

  private static LineChart loss(RunFiles files) {
    Points smoothed = points(files, "smoothed_loss");
    Points raw = points(files, "loss");
    LineChart chart = LineChart.over("step").faint("each batch", Colour.AFTER, raw);
    if (smoothed.isEmpty()) {
      addMean(chart, raw);
    } else {
      chart.line("smoothed", Colour.AFTER, smoothed);
    }
    if (!chart.isEmpty()) {
      chart.reference(Math.log(2), "ln 2: guessing").covering(0, Math.log(2));
    }
    return marked(chart, files.curve("loss").or(() -> files.curve("smoothed_loss")));
  }

  private static LineChart accuracy(RunFiles files) {
    LineChart chart = LineChart.over("step");
    Points batches = points(files, "accuracy");
    if (!batches.isEmpty()) {
      addMean(chart, batches);
    }
    files
        .metrics()
        .ifPresent(
            metrics -> {
              Points held = metrics.points("eval_accuracy");
              chart.dots(
                  "held-out pairs",
                  Colour.BEFORE,
                  held,
                  metrics.at(held.x(), "eval_accuracy_low"),
                  metrics.at(held.x(), "eval_accuracy_high"));
            });
    if (!chart.isEmpty()) {
      chart.reference(0.5, "guessing").covering(0.4, 1);
    }
    return marked(chart, files.curve("accuracy"));
  }

  private static LineChart probability(RunFiles files) {
    LineChart chart = withMean(files, "mean_p_correct");
    files
        .metrics()
        .ifPresent(
            metrics ->
                chart.line("held-out pairs", Colour.BEFORE, metrics.points("eval_mean_p_correct")));
    return chart.isEmpty() ? chart : chart.reference(0.5, "guessing").covering(0.4, 1);
  }

  private static LineChart withMean(RunFiles files, String field) {
    Points raw = points(files, field);
    LineChart chart = LineChart.over("step").faint("each batch", Colour.AFTER, raw);
    addMean(chart, raw);
    return chart;
  }

  private static void addMean(LineChart chart, Points raw) {
    int window = Math.max(1, Math.min(LONGEST_MEAN, raw.size() / 20));
    chart.line(
        window == 1 ? "batches" : "mean of the last " + window,
        Colour.AFTER,
        raw.trailingMean(window));
  }

  private static LineChart marked(LineChart chart, Optional<Curve> curve) {
    if (chart.isEmpty() || curve.isEmpty()) {
      return chart;
    }
    curve
        .get()
        .plateau()
        .ifPresent(
            p ->
                chart.shade(
                    p.from(), p.to(), "plateau, " + NumberText.counted(p.steps(), "steps")));
    for (ChangePoint point : curve.get().changePoints()) {
      chart.mark(point.step(), NumberText.count(point.step()));
    }
    return chart;
  }

  /** The smoothed loss of another run, for comparison. */
  static Points smoothedLoss(StepTable metrics) {
    Points smoothed = metrics.points("smoothed_loss");
    return smoothed.isEmpty() ? metrics.points("loss") : smoothed;
  }
}
