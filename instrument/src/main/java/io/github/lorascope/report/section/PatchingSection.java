package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.PatchingTable;
import io.github.lorascope.report.data.Points;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.List;

/** What the states of another pass do to the answer. */
final class PatchingSection {
  private PatchingSection() {}

  static Section of(RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    String source = "";
    if (files.patching().isPresent()) {
      PatchingTable patching = files.patching().get();
      source = source(patching);
      LineChart change = LineChart.over("behind N layers");
      LineChart share = LineChart.over("behind N layers");
      int colour = 0;
      for (String position :
          patching.rows().stream().map(PatchingTable.Row::position).distinct().toList()) {
        List<PatchingTable.Row> rows =
            patching.rows().stream()
                .filter(row -> row.position().equals(position))
                .sorted((a, b) -> Integer.compare(a.layer(), b.layer()))
                .toList();
        double[] layers = rows.stream().mapToDouble(PatchingTable.Row::layer).toArray();
        Estimates.dots(
            change,
            position,
            Colour.of(colour),
            layers,
            rows.stream().map(PatchingTable.Row::change).toArray(Estimate[]::new));
        share.line(
            position,
            Colour.of(colour),
            new Points(layers, rows.stream().mapToDouble(PatchingTable.Row::share).toArray()));
        colour++;
      }
      if (!change.isEmpty()) {
        change.reference(0, "no change").covering(0, 0);
        figures.add(
            new Figure(
                    "patching-change",
                    "Change of the logit difference",
                    "Right minus wrong, mean over examples with 95% interval.",
                    330)
                .view("", change.build())
                .table(change.table("Change of the logit difference")));
      }
      if (!share.isEmpty()) {
        share.reference(1, "everything replaced").covering(0, 1);
        figures.add(
            new Figure(
                    "patching-share",
                    "Share of the whole effect",
                    "Mean change relative to that of replacing every state.",
                    330)
                .view("", share.build())
                .table(share.table("Share of the whole effect")));
      }
    }
    return new Section(
        "patching",
        "Activation patching",
        "States of some tokens behind N layers replaced by those of another pass" + source + ".",
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        List.of());
  }

  private static String source(PatchingTable patching) {
    String what =
        switch (patching.source()) {
          case "swapped" -> ", in which the two passages have changed places";
          case "untrained" -> ", that of the untrained model";
          default -> "";
        };
    return what + "; " + NumberText.counted(patching.n(), "examples");
  }
}
