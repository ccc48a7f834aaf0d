package io.github.lorascope.examples;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.MemoryPlan;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.decoder.StepShape;
import io.github.lorascope.decoder.TokenBatch;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a training step takes of a GPU's memory, from shapes alone. */
@Command(
    name = "MemoryTable",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what a training step takes of a GPU's memory, from shapes alone.",
      "Prints a table: weights in NF4 (a quarter of the GPU's memory holds dequantized ones) or bf16,"
          + " activations kept or computed again. GB are 10^9 bytes, and half a GiB of the GPU is left"
          + " to its driver."
    })
public final class MemoryTable implements Callable<Integer> {
  /** What the cuda backend leaves to the driver and to cuBLAS. */
  private static final long RESERVE = 512L << 20;

  private static final int BF16 = 2;

  @Mixin private ShapeOption shape;
  @Mixin private StepOptions step;

  @Option(
      names = "--gigabytes",
      paramLabel = "GB",
      split = ",",
      defaultValue = "12,16,24,40,80",
      description = "Memory of the GPUs (default: ${DEFAULT-VALUE}).")
  private List<Integer> gigabytes;

  /** For picocli. */
  public MemoryTable() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new MemoryTable(), arguments);
  }

  @Override
  public Integer call() {
    step.check();
    for (int size : gigabytes) {
      if (size < 1) {
        throw new IllegalArgumentException("--gigabytes " + size + ": give 1 or more");
      }
    }
    ModelConfig config = shape.read();
    TokenBatch tokens = TokenBatch.of(Collections.nCopies(step.batch, new int[step.length]));
    System.out.println(
        "| GPU | frozen weights | activations | weights | adapter | tape | scratch | peak, GB | |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (int size : gigabytes) {
      for (Quantization form : List.of(Quantization.NF4_DOUBLE, Quantization.BF16)) {
        for (boolean recompute : new boolean[] {true, false}) {
          System.out.println(line(config, step.rank, tokens, size, form, recompute));
        }
      }
    }
    return 0;
  }

  private static String line(
      ModelConfig config,
      int rank,
      TokenBatch tokens,
      int size,
      Quantization form,
      boolean recompute) {
    MemoryPlan plan = plan(config, rank, tokens, size, form, recompute);
    return String.format(
        Locale.ROOT,
        "| %d GB | %s | %s | %.2f | %.3f | %.2f | %.2f | **%.1f** | %s |",
        size,
        form,
        recompute ? "recomputed" : "kept",
        plan.weights() / 1e9,
        plan.adapter() / 1e9,
        plan.tape() / 1e9,
        plan.scratch() / 1e9,
        plan.peak() / 1e9,
        plan.peak() <= cap(size) ? "fits" : "too much");
  }

  /** Of a step on a GPU with so many gigabytes, with bf16 products. */
  static MemoryPlan plan(
      ModelConfig config,
      int rank,
      TokenBatch tokens,
      int size,
      Quantization form,
      boolean recompute) {
    LoadOptions load =
        LoadOptions.defaults()
            .with(form)
            .with(Precision.BF16)
            .with(BackendOptions.defaults().withMemoryCap(cap(size)));
    PassOptions pass = new PassOptions(true, 0, 0, recompute);
    return MemoryPlan.of(
        new StepShape(config, load, BF16, BF16, sites(config), rank, tokens, pass));
  }

  static long cap(int gigabytes) {
    return gigabytes * 1_000_000_000L - RESERVE;
  }

  private static Set<Site> sites(ModelConfig config) {
    List<String> targets = List.of(AdapterOptions.attentionInputs(config));
    Set<Site> sites = new HashSet<>();
    for (LinearModule module : LinearModule.of(config)) {
      for (int layer = 0; layer < config.layers() && targets.contains(module.name()); layer++) {
        sites.add(new Site(layer, module.path()));
      }
    }
    return sites;
  }
}
