package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.ModelConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that says which shape random weights have. */
final class ShapeOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "config.json of the shape (default: that of Phi-3 Mini 4k).")
  Path config;

  Path file() {
    return config == null ? Bundled.phi3Mini() : config;
  }

  ModelConfig read() {
    return ModelConfig.read(file());
  }
}
