package io.github.lorascope.examples;

import io.github.lorascope.ablation.ActivationPatching;
import io.github.lorascope.ablation.PatchPosition;
import io.github.lorascope.ablation.PatchSource;
import io.github.lorascope.ablation.PatchingResult;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Where the answer travels from the passages to the last token. */
@Command(
    name = "PatchActivations",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Puts the states of the same pair with A and B swapped into a run, layer by layer: where the answer travels.")
public final class PatchActivations extends Look {
  /** For picocli. */
  public PatchActivations() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new PatchActivations(), arguments);
  }

  @Override
  void look(Subject subject) {
    PatchingResult result =
        ActivationPatching.of(subject.reranker(), subject.adapter())
            .source(PatchSource.SWAPPED)
            .positions(PatchPosition.LAST, PatchPosition.DOCUMENTS)
            .provenance(subject.provenance())
            .progress((done, total) -> ProgressLine.show("patching", done, total))
            .run(subject.pairs());
    result.write(subject.folder().resolve("patching.json"));
    System.out.printf(
        Locale.ROOT,
        "share of the answer that turns with states of the swapped pair, and the change of its"
            + " margin (%d of %d pairs have their passages at the same places)%n",
        result.n(),
        subject.pairs().size());
    for (PatchingResult.Row row : result.rows()) {
      System.out.printf(
          Locale.ROOT,
          "%6d  %-10s %.3f  %s%n",
          row.layer(),
          row.position().label(),
          row.share(),
          row.change());
    }
  }
}
