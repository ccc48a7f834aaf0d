package io.github.lorascope.examples;

import io.github.lorascope.LorascopeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine;

/**
 * How every example starts and ends: bad input, or a file system that fails, is one line on
 * standard error and an exit status of 1, and so are bad options, with the status 2.
 */
final class Main {
  private Main() {}

  static void run(Object command, String[] arguments) {
    CommandLine line = new CommandLine(command);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(
        (e, at, parsed) -> {
          if (e instanceof LorascopeException || e instanceof IllegalArgumentException) {
            at.getErr().println(at.getCommandName() + ": " + e.getMessage());
            return 1;
          }
          if (e instanceof IOException || e instanceof UncheckedIOException) {
            Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
            at.getErr().println(at.getCommandName() + ": " + cause); // whose message may be a path
            return 1;
          }
          throw e;
        });
    line.setParameterExceptionHandler(
        (e, given) -> {
          CommandLine at = e.getCommandLine();
          at.getErr().println(at.getCommandName() + ": " + e.getMessage() + " (see --help)");
          return at.getCommandSpec().exitCodeOnInvalidInput();
        });
    int status;
    try {
      status = line.execute(arguments);
    } catch (OutOfMemoryError e) {
      System.err.println(
          line.getCommandName()
              + ": the Java heap is full ("
              + e.getMessage()
              + "): use fewer or shorter pairs at once, or a larger heap (LORASCOPE_JAVA_OPTS=-Xmx8g)");
      status = 1;
    }
    System.exit(status);
  }
}
