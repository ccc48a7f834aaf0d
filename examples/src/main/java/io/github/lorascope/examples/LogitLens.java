package io.github.lorascope.examples;

import io.github.lorascope.tap.Lens;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Where in the depth the answer arises. */
@Command(
    name = "LogitLens",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Reads the answer behind every layer: where in the depth the trained model decides.")
public final class LogitLens implements Callable<Integer> {
  @Mixin private RunOptions run;

  /** For picocli. */
  public LogitLens() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new LogitLens(), arguments);
  }

  @Override
  public Integer call() {
    try (Subject subject = run.open()) {
      look(subject);
      return 0;
    }
  }

  static void look(Subject subject) {
    Lens lens = subject.after().lens().orElseThrow();
    System.out.println("the answer read out behind every number of layers");
    System.out.printf(
        Locale.ROOT, "%6s  %-40s %s%n", "layers", "accuracy", "margin of the right logit");
    for (int layers = 0; layers <= lens.layers(); layers++) {
      System.out.printf(
          Locale.ROOT, "%6d  %-40s %s%n", layers, lens.accuracy(layers), lens.margin(layers));
    }
  }
}
