package io.github.lorascope.examples;

import picocli.CommandLine.Option;

/** The options that say how large a training step is. */
final class StepOptions {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Pairs in a step (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of each (default: ${DEFAULT-VALUE}).")
  int length;

  @Option(
      names = "--rank",
      paramLabel = "R",
      defaultValue = "16",
      description = "Rank of the paths on queries, keys and values (default: ${DEFAULT-VALUE}).")
  int rank;

  void check() {
    if (batch < 1 || length < 1 || rank < 1) {
      throw new IllegalArgumentException(
          batch + " pairs of " + length + " tokens and a rank of " + rank + ": give at least 1");
    }
  }
}
