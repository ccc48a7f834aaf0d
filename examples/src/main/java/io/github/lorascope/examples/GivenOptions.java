package io.github.lorascope.examples;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Refuses options that another one leaves without effect, rather than pass over them in silence.
 */
final class GivenOptions {
  private GivenOptions() {}

  /** Those of the options that were given on the command line. */
  static List<String> among(CommandSpec command, String... names) {
    return Stream.of(names)
        .filter(command.commandLine().getParseResult()::hasMatchedOption)
        .toList();
  }

  /**
   * Refuses options.
   *
   * @param why what stands behind their names in the message: beside what, and what to do
   * @throws IllegalArgumentException if one of them was given
   */
  static void refuse(CommandSpec command, String why, String... names) {
    List<String> given = among(command, names);
    if (!given.isEmpty()) {
      throw new IllegalArgumentException(String.join(", ", given) + " " + why);
    }
  }
}
