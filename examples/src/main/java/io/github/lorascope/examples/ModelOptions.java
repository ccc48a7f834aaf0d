package io.github.lorascope.examples;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which model is loaded, and how. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "PATH",
      description =
          "Hugging Face folder or GGUF file of the base model (default: the bundled one).")
  Path model;

  @Mixin private ComputeOptions compute;

  Path modelOrBundled() {
    return model == null ? Bundled.model() : model;
  }

  LoadOptions load() {
    return compute.load();
  }

  LoadOptions load(Quantization unlessAsked) {
    return compute.load(Precision.BF16, unlessAsked);
  }

  /** Loads as a run says that it did, unless asked otherwise. */
  LoadOptions load(String precision, String quantization) {
    return compute.load(
        Precision.valueOf(precision), new ComputeOptions.QuantizationName().convert(quantization));
  }
}
