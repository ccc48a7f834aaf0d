package io.github.lorascope.examples;

import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.LoadOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Compares this library with values that transformers and PEFT gave. */
@Command(
    name = "ParityCheck",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares states, attention, logits, loss, adapter gradients and steps of AdamW with reference values.",
      "A folder holds a checkpoint, adapter/, reference.safetensors and reference.json.",
      "Bounds are those of float32 unless --dtype bf16 is given; the exit status is 1 if any is passed.",
      "Without --backend, every backend that can run here is checked."
    })
public final class ParityCheck implements Callable<Integer> {
  @Mixin private ComputeOptions compute;

  @Parameters(paramLabel = "DIR", arity = "1..*", description = "Folders to check.")
  private List<Path> folders;

  /** For picocli. */
  public ParityCheck() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new ParityCheck(), arguments);
  }

  @Override
  public Integer call() {
    boolean allOk = true;
    for (Path folder : folders) {
      for (String backend : compute.backend == null ? Backends.names() : List.of(compute.backend)) {
        allOk &= check(folder, compute.load(Precision.F32).withBackend(backend));
      }
    }
    System.out.println(allOk ? "all within bounds" : "some are OUT of bounds");
    return allOk ? 0 : 1;
  }

  private static boolean check(Path folder, LoadOptions options) {
    System.out.println(folder + " on " + options.backend() + ", " + options.precision());
    boolean allOk = true;
    for (Parity.Row row : Parity.check(folder, options)) {
      allOk &= row.ok();
      System.out.printf(
          Locale.ROOT,
          "  %-3s  %.2e of %.0e  %s (%s)%n",
          row.ok() ? "ok" : "OUT",
          row.error(),
          row.bound(),
          row.tensor(),
          row.measure());
    }
    return allOk;
  }
}
