package io.github.lorascope.examples;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.hub.HubCache;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which model is loaded, and how. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Hugging Face folder, GGUF file or hub name (org/name) of the base model (default: the"
              + " bundled one).")
  String model;

  @Mixin private ComputeOptions compute;

  Path modelOrBundled() {
    return orBundled(model);
  }

  /** Finds a model, or fetches it; null: the bundled one. */
  static Path orBundled(String model) {
    return model == null ? Bundled.model() : HubCache.standard().locate(model);
  }

  LoadOptions load() {
    return compute.load();
  }

  LoadOptions load(Quantization unlessAsked) {
    return compute.load(Precision.BF16, unlessAsked);
  }

  /** Loads as a run says that it did, unless asked otherwise. */
  LoadOptions load(Precision precision, Quantization quantization) {
    return compute.load(precision, quantization);
  }
}
