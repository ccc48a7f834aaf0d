package io.github.lorascope.examples;

import io.github.lorascope.io.Terminal;

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
}
