package io.github.lorascope.report.section;

import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.LayerStack;
import io.github.lorascope.report.data.AblationTable;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.data.ProbeScore;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import io.github.lorascope.report.html.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** Over the layers: where weights changed, where representations changed, and what matters. */
final class TelescopeSection {
  private final int layers;
  private final LayerStack stack;
  private final Map<String, Estimate[]> columns = new LinkedHashMap<>();

  private TelescopeSection(int layers) {
    this.layers = layers;
    stack = new LayerStack(layers);
  }

  static Section of(RunFiles files) {
    TelescopeSection telescope = new TelescopeSection(files.layers());
    telescope.weights(files);
    telescope.representations(files);
    telescope.effects(files);
    List<FigureGroup> groups = new ArrayList<>();
    if (!telescope.stack.isEmpty()) {
      Figure figure =
          new Figure(
                  "telescope-layers",
                  "Layer by layer",
                  "Blue: the weights. Orange: the representations. Green: the answer. States behind"
                      + " a layer stand at that layer.",
                  telescope.stack.height())
              .wide()
              .view("", telescope.stack.build());
      if (!telescope.columns.isEmpty()) {
        figure.table(telescope.table());
      }
      groups.add(FigureGroup.of(List.of(figure)));
    }
    return new Section(
        "telescope",
        "Telescope",
        "Where the weights changed, where the representations changed, and which layers the answer"
            + " changes without. The three need not agree.",
        groups,
        List.of());
  }

  private void weights(RunFiles files) {
    files
        .gradients()
        .ifPresent(
            gradients -> {
              gradients
                  .layers("norm")
                  .ifPresent(m -> mean("Gradient norm, mean over steps", m, Colour.of(0)));
              gradients
                  .layers("update_ratio")
                  .ifPresent(m -> mean("Update ratio, mean over steps", m, Colour.of(0)));
            });
  }

  private void mean(String title, LayerMatrix matrix, String colour) {
    Estimate[] values = unknown();
    double[] means = matrix.meanOverSteps();
    for (int i = 0; i < means.length; i++) {
      put(values, matrix.layers()[i], new Estimate(means[i], Double.NaN, Double.NaN));
    }
    panel(title, colour, values);
  }

  private void representations(RunFiles files) {
    NavigableMap<Integer, ProbeScore> before = ProbeSection.at(files.probes(), false);
    NavigableMap<Integer, ProbeScore> after = ProbeSection.at(files.probes(), true);
    Estimate[] gains = unknown();
    after.forEach(
        (layer, score) -> {
          ProbeScore first = before.get(layer);
          if (first != null && first.step() < score.step()) {
            put(gains, layer - 1, Estimates.difference(first.accuracy(), score.accuracy()));
          }
        });
    panel("Probe accuracy gained", Colour.of(1), gains);
    Estimate[] distances = unknown();
    files
        .similarities()
        .forEach(
            row ->
                put(
                    distances,
                    row.layer() - 1,
                    new Estimate(1 - row.cka(), Double.NaN, Double.NaN)));
    panel("1 − CKA: states unlike before", Colour.of(1), distances);
  }

  private void effects(RunFiles files) {
    files
        .knockOut()
        .ifPresent(
            knockOut -> {
              Estimate[] losses = unknown();
              knockOut.rows().forEach(row -> put(losses, row.layer(), row.marginChange()));
              panel("Knock-out: change of the margin", Colour.of(2), losses);
            });
    files
        .ablation()
        .ifPresent(
            ablation -> {
              List<LayerStack.Span> spans = new ArrayList<>();
              for (AblationTable.Group group : ablation.groups()) {
                Estimate pooled = ablation.accuracy(group.name());
                if (pooled.isKnown() && !group.layers().isEmpty()) {
                  spans.add(
                      new LayerStack.Span(
                          group.name(), NumberText.bound(pooled.value()), group.layers()));
                }
              }
              if (!spans.isEmpty()) {
                stack.spans("Ablation: accuracy, trained alone", spans);
              }
            });
  }

  private Estimate[] unknown() {
    Estimate[] values = new Estimate[layers];
    Arrays.fill(values, Estimate.UNKNOWN);
    return values;
  }

  private static void put(Estimate[] values, int layer, Estimate value) {
    if (layer >= 0 && layer < values.length) {
      values[layer] = value;
    }
  }

  private void panel(String title, String colour, Estimate[] values) {
    if (Arrays.stream(values).anyMatch(Estimate::isKnown)) {
      columns.put(title, values);
      stack.bars(
          title,
          colour,
          Arrays.stream(values).mapToDouble(Estimate::value).toArray(),
          Arrays.stream(values).mapToDouble(Estimate::low).toArray(),
          Arrays.stream(values).mapToDouble(Estimate::high).toArray());
    }
  }

  private Table table() {
    List<String> headers = new ArrayList<>(List.of("layer"));
    headers.addAll(columns.keySet());
    List<List<String>> rows = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(l)));
      for (Estimate[] column : columns.values()) {
        row.add(column[l].isKnown() ? Estimates.plain(column[l]) : "");
      }
      rows.add(row);
    }
    return new Table("Layer by layer", headers, rows);
  }
}
