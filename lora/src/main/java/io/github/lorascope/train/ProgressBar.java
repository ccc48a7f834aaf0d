package io.github.lorascope.train;

import io.github.lorascope.io.Terminal;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows a training as one line that is rewritten on a terminal, and as a line now and then
 * elsewhere: share done, loss, accuracy, tokens a second and time left.
 */
public final class ProgressBar implements TrainingListener {
  private static final int WIDTH = 24;
  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private TrainingOptions options;
  private long lastStep;
  private boolean uninterrupted;
  private int steps;
  private long wallNanos;
  private long tokens;
  private long stepNanos;
  private long stepTokens;
  private double accuracy;
  private long lastLine;
  private int lastWidth;

  /**
   * Makes a bar.
   *
   * @param out where to, such as {@code System.err}
   * @param terminal whether a line can be rewritten there
   */
  public ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
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
    lastLine = System.nanoTime();
  }

  @Override
  public void evaluating(int done, int total) {
    show(String.format(Locale.ROOT, "evaluating %d/%d", done, total), done == total);
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    uninterrupted = false;
    clear();
    out.println((step == 0 ? "before" : "step " + step) + ": accuracy " + evaluation.accuracy());
  }

  @Override
  public void stepDone(StepRecord record) {
    accuracy = steps == 0 ? record.accuracy() : 0.9 * accuracy + 0.1 * record.accuracy();
    String text =
        String.format(
            Locale.ROOT,
            "%s %d/%d  loss %.4f  accuracy %.2f%s",
            bar((double) record.step() / options.steps()),
            record.step(),
            options.steps(),
            record.smoothedLoss(),
            accuracy,
            speed(record));
    show(text, record.step() == options.steps());
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
    clear();
  }

  private static String bar(double share) {
    int full = (int) Math.round(share * WIDTH);
    return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "]";
  }

  private void show(String text, boolean always) {
    if (terminal) {
      out.print("\r" + text + " ".repeat(Math.max(0, lastWidth - text.length())));
      out.flush();
      lastWidth = text.length();
    } else if (always || System.nanoTime() - lastLine > LINE_EVERY_NANOS) {
      lastLine = System.nanoTime();
      out.println(text);
    }
  }

  private void clear() {
    if (terminal && lastWidth > 0) {
      out.print("\r" + " ".repeat(lastWidth) + "\r");
      out.flush();
      lastWidth = 0;
    }
  }
}
