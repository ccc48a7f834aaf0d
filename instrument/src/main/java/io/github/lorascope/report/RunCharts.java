package io.github.lorascope.report;

import java.util.List;

/** Which charts a run has, in the order of their use. */
final class RunCharts {
  private static final int LONGEST_MEAN = 100;

  private RunCharts() {}

  static List<Chart> of(RunMetrics metrics) {
    return List.of(
        loss(metrics), accuracy(metrics), confidence(metrics), rate(metrics), gradient(metrics));
  }

  private static Chart loss(RunMetrics metrics) {
    Points raw = metrics.points("loss");
    Points smoothed = metrics.points("smoothed_loss");
    return new Chart("Training loss", "Cross-entropy of a batch in nats; lower is better.")
        .add(Series.raw("each batch", raw))
        .add(smoothed.isEmpty() ? mean(raw) : Series.line("smoothed", smoothed))
        .covering(0, Math.log(2))
        .reference(Math.log(2), "ln 2: guessing");
  }

  private static Chart accuracy(RunMetrics metrics) {
    Points evaluated = metrics.points("eval_accuracy");
    return new Chart("Accuracy", "Share of pairs in which the right passage won.")
        .add(mean(metrics.points("accuracy")))
        .add(
            Series.dots(
                "evaluation, 95% interval",
                evaluated,
                metrics.at(evaluated.x(), "eval_accuracy_low"),
                metrics.at(evaluated.x(), "eval_accuracy_high")))
        .covering(0.4, 1)
        .reference(0.5, "0.5: guessing");
  }

  private static Chart confidence(RunMetrics metrics) {
    Points raw = metrics.points("mean_p_correct");
    return new Chart("Mean P(correct)", "Probability given to the right passage.")
        .add(Series.raw("each batch", raw))
        .add(mean(raw))
        .covering(0.4, 1)
        .reference(0.5, "0.5: guessing");
  }

  private static Chart rate(RunMetrics metrics) {
    Points rate = metrics.points("learning_rate");
    return new Chart("Learning rate", "As the schedule set it.")
        .add(Series.line("learning rate", rate))
        .covering(0, 0);
  }

  private static Chart gradient(RunMetrics metrics) {
    Points raw = metrics.points("gradient_norm");
    return new Chart("Gradient norm", "Length of the adapter's gradient before clipping.")
        .add(Series.raw("each step", raw))
        .add(mean(raw))
        .covering(0, 0);
  }

  private static Series mean(Points points) {
    int window = Math.max(1, Math.min(LONGEST_MEAN, points.size() / 20));
    return Series.line(
        window == 1 ? "batches" : "mean of the last " + window, points.trailingMean(window));
  }
}
