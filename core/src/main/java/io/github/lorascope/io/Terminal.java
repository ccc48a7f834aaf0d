package io.github.lorascope.io;

import java.io.Console;

/**
 * Tells whether somebody watches: then a line can be rewritten, otherwise it goes to a file or a
 * pipe.
 */
public final class Terminal {
  private Terminal() {}

  /**
   * Tells whether input and output are a terminal.
   *
   * @return true if so
   */
  @SuppressWarnings("SystemConsoleNull") // from JDK 22 on, isTerminal says what null said before
  public static boolean isAttached() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
