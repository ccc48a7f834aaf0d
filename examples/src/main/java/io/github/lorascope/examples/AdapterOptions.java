package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.lora.AdapterException;
import io.github.lorascope.lora.LoraAdapter;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say what is trained. */
final class AdapterOptions {
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "PEFT folder of an adapter to start from (default: a new one).")
  Path adapter;

  @Option(
      names = "--rank",
      paramLabel = "R",
      defaultValue = "16",
      description = "Rank (default: ${DEFAULT-VALUE}).")
  int rank;

  @Option(
      names = "--alpha",
      paramLabel = "ALPHA",
      defaultValue = "32",
      description = "The paths are scaled with alpha / rank (default: ${DEFAULT-VALUE}).")
  double alpha;

  @Option(
      names = "--dropout",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "Dropout before the paths (default: ${DEFAULT-VALUE}).")
  double dropout;

  @Option(names = "--rslora", description = "Scale with alpha / sqrt(rank) instead.")
  boolean rsLora;

  @Option(
      names = "--targets",
      paramLabel = "NAME",
      split = ",",
      description =
          "Linear layers that get a path, or all-linear (default: those of queries, keys and values).")
  List<String> targets = List.of();

  @Option(
      names = "--layers",
      paramLabel = "LIST",
      description =
          "Decoder layers that get a path, from 0, such as 10-19 or 0,2,4-6 (default: all).")
  String layers;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  LoraAdapter attach(Decoder decoder, long seed) {
    if (adapter != null) {
      requireNothingBeside();
      return LoraAdapter.load(decoder, adapter);
    }
    return builder(decoder, seed).attach();
  }

  /** Begins a new adapter as the options say. */
  LoraAdapter.Builder builder(Decoder decoder, long seed) {
    return LoraAdapter.on(decoder)
        .targets(targets.isEmpty() ? attentionInputs(decoder) : targets.toArray(String[]::new))
        .rank(rank)
        .alpha(alpha)
        .dropout(dropout)
        .rsLora(rsLora)
        .layers(layers == null ? new int[0] : parseLayers(layers))
        .seed(seed);
  }

  /** A finished adapter brings what the other options would say. */
  private void requireNothingBeside() {
    List<String> beside =
        GivenOptions.among(
            command, "--rank", "--alpha", "--dropout", "--rslora", "--targets", "--layers");
    if (!beside.isEmpty()) {
      throw new AdapterException(
          String.join(", ", beside)
              + " beside --adapter: the adapter in "
              + adapter
              + " has its own; leave them out, or train a new adapter");
    }
  }

  /** The linear layers of queries, keys and values. */
  static String[] attentionInputs(Decoder decoder) {
    return attentionInputs(decoder.config());
  }

  static String[] attentionInputs(ModelConfig config) {
    return LinearModule.of(config).stream()
        .map(LinearModule::name)
        .filter(name -> name.matches("(qkv|q|k|v)_proj"))
        .toArray(String[]::new);
  }

  static int[] parseLayers(String text) {
    BitSet layers = new BitSet();
    for (String range : text.split(",", -1)) {
      if (!range.matches("\\d{1,6}(-\\d{1,6})?")) {
        throw new AdapterException("'" + text + "' is no list of layers, such as 10-19 or 0,2,4-6");
      }
      String[] ends = range.split("-", -1);
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (last < first) {
        throw new AdapterException("the layers " + range + " are none");
      }
      layers.set(first, last + 1);
    }
    return layers.stream().toArray();
  }
}
