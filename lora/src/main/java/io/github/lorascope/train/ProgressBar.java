package io.github.lorascope.train;

import io.github.lorascope.io.StatusLine;
import io.github.lorascope.io.Terminal;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows a training as one line that is rewritten on a terminal, and as a line now and then
 * elsewhere: share done, loss, accuracy, tokens a second and time left.
 */
public final class ProgressBar implements TrainingListener {
  private final PrintStream out;
  private final StatusLine line;
  private TrainingOptions options;
  private long lastStep;
  private boolean uninterrupted;
  private int steps;
  private long wallNanos;
  private long tokens;
  private long stepNanos;
  private long stepTokens;
  private double accuracy;

  /**
   * Makes a bar.
   *
   * @param out where to, such as {@code System.err}
   * @param terminal whether a line can be rewritten there
   */
  public ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.line = new StatusLine(out, terminal);
  }

  /**
   * Makes a bar on standard error.
   *
   * @return the bar
   */
  public static ProgressBar standard() {
    return new ProgressBar(System.err, Terminal.isAttached());
  }

  @Override
  public void started(TrainingStart start) {
    options = start.options();
    steps = 0;
    wallNanos = 0;
    tokens = 0;
    stepNanos = 0;
    stepTokens = 0;
    line.restart();
  }

  @Override
  public void evaluating(int done, int total) {
    line.show(String.format(Locale.ROOT, "evaluating %d/%d", done, total), done == total);
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    uninterrupted = false;
    line.clear();
    out.println((step == 0 ? "before" : "step " + step) + ": accuracy " + evaluation.accuracy());
  }

  @Override
  public void stepDone(StepRecord record) {
    accuracy = steps == 0 ? record.accuracy() : 0.9 * accuracy + 0.1 * record.accuracy();
    String text =
        String.format(
            Locale.ROOT,
            "%s %d/%d  loss %.4f  accuracy %.2f%s",
            StatusLine.bar((double) record.step() / options.steps()),
            record.step(),
            options.steps(),
            record.smoothedLoss(),
            accuracy,
            speed(record));
    line.show(text, record.step() == options.steps());
  }

  /**
   * From the end of the first step on: tokens a second of steps that no evaluation interrupted, as
   * far as there are any, and the time left if all goes on as so far, evaluations included.
   */
  private String speed(StepRecord record) {
    long now = System.nanoTime();
    long nanos = now - lastStep;
    lastStep = now;
    boolean alone = uninterrupted;
    uninterrupted = true;
    if (steps++ == 0) {
      return "";
    }
    wallNanos += nanos;
    tokens += record.tokens();
    if (alone) {
      stepNanos += nanos;
      stepTokens += record.tokens();
    }
    double rate = stepTokens > 0 ? stepTokens / (double) stepNanos : tokens / (double) wallNanos;
    long left = Math.round(wallNanos / 1e9 / (steps - 1) * (options.steps() - record.step()));
    return String.format(
        Locale.ROOT, "  %,.0f tokens/s  %d:%02d left", rate * 1e9, left / 60, left % 60);
  }

  @Override
  public void finished(TrainingRun run) {
    line.clear();
  }
}
