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
  private long startNanos;
  private long evaluationNanos;
  private long pausedSince;
  private int fromStep;
  private long tokens;
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
    fromStep = start.step();
    tokens = 0;
    evaluationNanos = 0;
    startNanos = System.nanoTime();
    lastLine = startNanos;
  }

  @Override
  public void evaluating(int done, int total) {
    if (pausedSince == 0) {
      pausedSince = System.nanoTime();
    }
    show(String.format(Locale.ROOT, "evaluating %d/%d", done, total), done == total);
  }

  @Override
  public void evaluated(int step, Evaluation evaluation) {
    if (pausedSince != 0) {
      evaluationNanos += System.nanoTime() - pausedSince;
      pausedSince = 0;
    }
    clear();
    out.println((step == 0 ? "before" : "step " + step) + ": accuracy " + evaluation.accuracy());
  }

  @Override
  public void stepDone(StepRecord record) {
    tokens += record.tokens();
    int done = record.step() - fromStep;
    accuracy = done == 1 ? record.accuracy() : 0.9 * accuracy + 0.1 * record.accuracy();
    double seconds = Math.max(1e-9, (System.nanoTime() - startNanos - evaluationNanos) / 1e9);
    long left = Math.round(seconds / done * (options.steps() - record.step()));
    String text =
        String.format(
            Locale.ROOT,
            "%s %d/%d  loss %.4f  accuracy %.2f  %,.0f tokens/s  %d:%02d left",
            bar((double) record.step() / options.steps()),
            record.step(),
            options.steps(),
            record.smoothedLoss(),
            accuracy,
            tokens / seconds,
            left / 60,
            left % 60);
    show(text, record.step() == options.steps());
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
