package io.github.lorascope.io;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * One line that tells how far something is: rewritten on a terminal, and written now and then
 * elsewhere. For one thread.
 */
public final class StatusLine {
  private static final int WIDTH = 24;
  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private long lastLine;
  private int lastWidth;

  /**
   * Makes a line.
   *
   * @param out where to, such as {@code System.err}
   * @param terminal whether a line can be rewritten there
   */
  public StatusLine(PrintStream out, boolean terminal) {
    this(out, terminal, System::nanoTime);
  }

  /**
   * Makes a line with a clock of its own.
   *
   * @param out where to, such as {@code System.err}
   * @param terminal whether a line can be rewritten there
   * @param nanoTime tells the time, in nanoseconds since whenever
   */
  public StatusLine(PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    restart();
  }

  /**
   * Draws a share as a bar.
   *
   * @param share from 0 to 1
   * @return the bar, of one width
   */
  public static String bar(double share) {
    int full = (int) Math.round(share * WIDTH);
    return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "]";
  }

  /** Begins the wait for the first line that is written where none can be rewritten. */
  public void restart() {
    lastLine = nanoTime.getAsLong();
  }

  /**
   * Shows a text in place of the one before.
   *
   * @param text one line
   * @param always whether it is written in any case where lines cannot be rewritten
   */
  public void show(String text, boolean always) {
    if (terminal) {
      out.print("\r" + text + " ".repeat(Math.max(0, lastWidth - text.length())));
      out.flush();
      lastWidth = text.length();
    } else if (always || nanoTime.getAsLong() - lastLine > LINE_EVERY_NANOS) {
      restart();
      out.println(text);
    }
  }

  /** Takes the text off the terminal. */
  public void clear() {
    if (terminal && lastWidth > 0) {
      out.print("\r" + " ".repeat(lastWidth) + "\r");
      out.flush();
      lastWidth = 0;
    }
  }
}
