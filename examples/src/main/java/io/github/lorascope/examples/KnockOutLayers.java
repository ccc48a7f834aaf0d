package io.github.lorascope.examples;

import io.github.lorascope.ablation.KnockOut;
import io.github.lorascope.ablation.KnockOutResult;
import java.util.Locale;
import picocli.CommandLine.Command;

/** Without which layer's adapter the margin falls. */
@Command(
    name = "KnockOutLayers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Switches off the adapter of one layer at a time: what does the margin lose without it?")
public final class KnockOutLayers extends Look {
  /** For picocli. */
  public KnockOutLayers() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new KnockOutLayers(), arguments);
  }

  @Override
  void look(Subject subject) {
    KnockOutResult result =
        KnockOut.of(subject.reranker(), subject.adapter())
            .provenance(subject.provenance())
            .progress((done, total) -> ProgressLine.show("knocking out", done, total))
            .run(subject.pairs());
    result.write(subject.folder().resolve("knockout.json"));
    System.out.println("margin of the right logit when one layer's adapter is off: change");
    for (KnockOutResult.Row row : result.rows()) {
      System.out.printf(Locale.ROOT, "%6d  %s%n", row.layer(), row.marginChange());
    }
  }
}
