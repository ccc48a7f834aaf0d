package io.github.lorascope.examples;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names a run. */
final class RunFolderOption {
  @Option(
      names = "--run",
      paramLabel = "DIR",
      required = true,
      description = "Folder of a run, as QuickStart and TrainReranker leave it.")
  Path folder;
}
