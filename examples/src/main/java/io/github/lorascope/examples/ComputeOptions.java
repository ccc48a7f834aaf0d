package io.github.lorascope.examples;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** The options that say how a model is held and computed. */
final class ComputeOptions {
  @Option(
      names = "--dtype",
      paramLabel = "bf16|f32",
      description =
          "What linear layers round their operands to (default: bf16; f32 in ParityCheck).")
  Precision precision;

  @Option(
      names = "--quantization",
      paramLabel = "FORM",
      converter = QuantizationName.class,
      description =
          "Form of the frozen linear layers: stored, f32, bf16, nf4 or nf4-double"
              + " (default: stored, or as the run that is looked at; XrayReport's article:"
              + " nf4-double).")
  Quantization quantization;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "What computes: onednn, cuda or reference (default: the best that can run here).")
  String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: all processors).")
  Integer threads;

  @Option(
      names = "--memory-cap",
      paramLabel = "MB",
      description =
          "The most memory to hold for weights and activations (default: seven eighths of the machine's, or what is free on the GPU).")
  Long memoryMegabytes;

  LoadOptions load() {
    return load(Precision.BF16);
  }

  LoadOptions load(Precision unlessAsked) {
    return load(unlessAsked, Quantization.STORED);
  }

  LoadOptions load(Precision unlessAsked, Quantization formUnlessAsked) {
    BackendOptions options = BackendOptions.defaults();
    if (threads != null) {
      options = options.withThreads(threads);
    }
    if (memoryMegabytes != null) {
      // Beyond what a long counts in bytes is no bound; BackendOptions refuses what is below 1.
      long megabytes = Math.max(-1, Math.min(memoryMegabytes, Long.MAX_VALUE / 1_000_000L));
      options = options.withMemoryCap(megabytes * 1_000_000L);
    }
    return new LoadOptions(
        quantization == null ? formUnlessAsked : quantization,
        precision == null ? unlessAsked : precision,
        backend,
        options);
  }

  /** Lists and reads the forms as they are written on a command line. */
  static final class QuantizationName implements ITypeConverter<Quantization>, Iterable<String> {
    @Override
    public Quantization convert(String value) {
      return Arrays.stream(Quantization.values())
          .filter(q -> q.toString().equalsIgnoreCase(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new picocli.CommandLine.TypeConversionException(
                      "'" + value + "' is not one of " + Arrays.toString(Quantization.values())));
    }

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Quantization.values()).map(Quantization::toString).iterator();
    }
  }
}
