package io.github.lorascope.examples;

import io.github.lorascope.probe.StateComparison;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;

/** How far the states of each layer moved. */
@Command(
    name = "StateGeometry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Compares hidden states before and after a training: linear CKA by layer, principal components where the article looked.")
public final class StateGeometry extends Look {
  /** For picocli. */
  public StateGeometry() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new StateGeometry(), arguments);
  }

  @Override
  void look(Subject subject) {
    subject.before();
    subject.after();
    Path states = subject.folder().resolve("states");
    StateComparison comparison =
        StateComparison.of(
                states.resolve("before.safetensors"), states.resolve("after.safetensors"))
            .provenance(subject.provenance());
    System.out.println("linear CKA of the last token before and after, by layers passed");
    for (StateComparison.Similarity row : comparison.similarities()) {
      System.out.printf(
          Locale.ROOT,
          "%6d  %s%n",
          row.layer(),
          Double.isNaN(row.cka())
              ? "none: every state is the same"
              : String.format(Locale.ROOT, "%.4f", row.cka()));
    }
    comparison.writeCka(subject.folder().resolve("cka.json"));
    comparison.writePca(
        subject.folder().resolve("pca.safetensors"),
        XrayPlan.observed(subject.decoder().config().layers()));
  }
}
