package io.github.lorascope.report.section;

import io.github.lorascope.report.data.AblationTable;
import io.github.lorascope.report.data.KnockOutTable;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.Comparator;
import java.util.List;

/** Which layers matter. */
final class EffectFindings {
  private EffectFindings() {}

  static String knockOut(RunFiles files) {
    if (files.knockOut().isEmpty() || files.knockOut().get().rows().isEmpty()) {
      return "";
    }
    List<KnockOutTable.Row> rows = files.knockOut().get().rows();
    List<KnockOutTable.Row> needed =
        rows.stream()
            .filter(row -> row.marginChange().high() < 0)
            .sorted(Comparator.comparingDouble(row -> row.marginChange().value()))
            .toList();
    if (needed.isEmpty()) {
      return "Switching off no single layer's adapter lowers the margin with an interval below 0.";
    }
    KnockOutTable.Row most = needed.get(0);
    return "Switching off one layer's adapter lowers the margin, with an interval below 0, at "
        + (needed.size() == 1 ? "layer " : "layers ")
        + AblationSection.stretch(needed.stream().map(KnockOutTable.Row::layer).toList())
        + (needed.size() == 1 ? "" : "; most at layer " + most.layer())
        + ", by "
        + Estimates.change(most.marginChange())
        + ". If no layer had an effect, chance alone would show about "
        + NumberText.of(0.025 * rows.size())
        + " of "
        + rows.size()
        + " so.";
  }

  static String ablation(RunFiles files) {
    if (files.ablation().isEmpty()) {
      return "";
    }
    AblationTable ablation = files.ablation().get();
    List<String> groups =
        ablation.groups().stream()
            .filter(group -> ablation.accuracy(group.name()).isKnown())
            .map(group -> group.name() + " " + Estimates.share(ablation.accuracy(group.name())))
            .toList();
    if (groups.isEmpty()) {
      return "";
    }
    List<String> beyond =
        ablation.comparisons().stream()
            .filter(AblationTable.Comparison::beyondNoise)
            .map(row -> row.first() + " against " + row.second())
            .toList();
    boolean oneSeed = AblationSection.seeds(ablation) == 1;
    String said =
        "Trained alone: "
            + String.join(", ", groups)
            + (oneSeed ? "; of one seed, so that chance between trainings is left out." : ".");
    String noise = oneSeed ? "noise of the pairs" : "noise";
    return ablation.comparisons().isEmpty()
        ? said
        : said
            + " Of "
            + NumberText.count(ablation.comparisons().size())
            + (ablation.comparisons().size() == 1 ? " difference " : " differences ")
            + (beyond.isEmpty()
                ? "none is shown to exceed " + noise + "."
                : beyond.size()
                    + (beyond.size() == 1 ? " exceeds" : " exceed")
                    + " "
                    + noise
                    + ": "
                    + String.join(", ", beyond)
                    + ".");
  }
}
