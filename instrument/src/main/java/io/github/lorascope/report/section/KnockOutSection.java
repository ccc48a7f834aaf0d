package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.KnockOutTable;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What is lost without the adapter of one layer. */
final class KnockOutSection {
  private KnockOutSection() {}

  static Section of(RunFiles files) {
    List<Figure> figures = new ArrayList<>();
    String whole = "";
    if (files.knockOut().isPresent()) {
      KnockOutTable knockOut = files.knockOut().get();
      add(
          figures,
          "knockout-margin",
          "Change of the margin",
          "Logit difference, right minus wrong; below zero the layer's adapter helps.",
          knockOut,
          KnockOutTable.Row::marginChange);
      add(
          figures,
          "knockout-accuracy",
          "Change of the accuracy",
          "Share of pairs answered right.",
          knockOut,
          KnockOutTable.Row::accuracyChange);
      if (Double.isFinite(knockOut.accuracy())) {
        whole =
            " The whole adapter has an accuracy of "
                + NumberText.share(knockOut.accuracy())
                + " on "
                + NumberText.counted(knockOut.n(), "pairs")
                + (Double.isFinite(knockOut.margin())
                    ? " and a mean margin of " + NumberText.of(knockOut.margin())
                    : "")
                + ".";
      }
    }
    return new Section(
        "knockout",
        "Knock-out",
        "The adapter of one layer switched off, the others as trained; paired 95% intervals."
            + whole,
        figures.isEmpty() ? List.of() : List.of(FigureGroup.of(figures)),
        List.of());
  }

  private static void add(
      List<Figure> figures,
      String id,
      String title,
      String note,
      KnockOutTable knockOut,
      Function<KnockOutTable.Row, Estimate> value) {
    LineChart chart = LineChart.over("layer");
    Estimates.dots(
        chart,
        "switched off minus whole",
        Colour.AFTER,
        knockOut.rows().stream().mapToDouble(KnockOutTable.Row::layer).toArray(),
        knockOut.rows().stream().map(value).toArray(Estimate[]::new));
    if (!chart.isEmpty()) {
      chart.reference(0, "no change").covering(0, 0);
      figures.add(
          new Figure(id, title, note, 300).view("", chart.build()).table(chart.table(title)));
    }
  }
}
