package io.github.lorascope.examples;

import io.github.lorascope.io.Terminal;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;

/**
 * Progress on standard error: a line that is rewritten on a terminal, one line at the end
 * elsewhere.
 */
final class ProgressLine {
  private ProgressLine() {}

  static void show(String what, int done, int total) {
    boolean ended = done == total;
    if (Terminal.isAttached() || ended) {
      System.err.print("\r" + what + " " + done + "/" + total + (ended ? "\n" : ""));
      System.err.flush();
    }
  }

  /** What is short as a rule, and shown to somebody who watches alone. */
  static DoubleConsumer reading(Path file) {
    return share("reading " + file);
  }

  /** A share of 1 that grows, shown to somebody who watches alone. */
  static DoubleConsumer share(String what) {
    return share -> {
      if (Terminal.isAttached()) {
        System.err.print("\r" + what + " " + Math.round(100 * share) + " %");
        System.err.print(share == 1 ? "\n" : "");
        System.err.flush();
      }
    };
  }
}
