package io.github.lorascope.examples;

import io.github.lorascope.decoder.LoadOptions;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which model is loaded, and how. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder of the base model (default: the bundled one).")
  Path model;

  @Mixin private ComputeOptions compute;

  Path modelOrBundled() {
    return model == null ? Bundled.model() : model;
  }

  LoadOptions load() {
    return compute.load();
  }
}
