package io.github.lorascope.examples;

import io.github.lorascope.tap.Lens;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Where in the depth the answer arises. */
@Command(
    name = "LogitLens",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Reads the answer behind every layer: where in the depth the trained model decides.")
public final class LogitLens extends Look {
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
  void look(Subject subject) {
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
