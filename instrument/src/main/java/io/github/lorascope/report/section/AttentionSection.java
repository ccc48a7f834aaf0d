package io.github.lorascope.report.section;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.report.chart.Colour;
import io.github.lorascope.report.chart.Figure;
import io.github.lorascope.report.chart.FigureGroup;
import io.github.lorascope.report.chart.HeatMap;
import io.github.lorascope.report.chart.LineChart;
import io.github.lorascope.report.data.AttentionMasses;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.RunFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Where attention goes, before and after. */
final class AttentionSection {
  /** What the tensors measure, for people. */
  static final Map<String, String> NAMES = names();

  private static final int HEIGHT = 330;
  static final String A = "mass.a_to_query";
  static final String B = "mass.b_to_query";
  static final String LAST_TO_A = "mass.last_to_a";
  static final String LAST_TO_B = "mass.last_to_b";

  private AttentionSection() {}

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(A, "A → query");
    names.put(B, "B → query");
    names.put("mass.b_to_a", "B → A");
    names.put("mass.last_to_query", "last → query");
    names.put(LAST_TO_A, "last → A");
    names.put(LAST_TO_B, "last → B");
    names.put("entropy.last", "entropy of last");
    return names;
  }

  static Section of(RunFiles files) {
    Map<String, AttentionMasses> taken = new LinkedHashMap<>();
    for (String when : List.of("before", "after")) {
      files.attention(when).ifPresent(masses -> taken.put(when, masses));
    }
    List<FigureGroup> groups = new ArrayList<>();
    if (!taken.isEmpty()) {
      List<Figure> figures = figures(taken);
      if (!figures.isEmpty()) {
        groups.add(new FigureGroup("attention-view", "Attention", figures));
      }
      List<Figure> matching = new ArrayList<>();
      taken.forEach((when, masses) -> matching(when, masses).ifPresent(matching::add));
      if (!matching.isEmpty()) {
        groups.add(FigureGroup.of(matching));
      }
    }
    return new Section(
        "attention",
        "Attention",
        "Share of a token's attention that falls on a span (entropy in nats), averaged over the"
            + " span's tokens and over examples, real tokens only. The change is paired by example;"
            + " a dot marks heads whose 95% interval leaves zero out, as about one in twenty does by"
            + " chance.",
        groups,
        List.of());
  }

  private static List<Figure> figures(Map<String, AttentionMasses> taken) {
    List<Figure> figures = new ArrayList<>();
    Figure lines =
        new Figure(
            "attention-layers",
            "By layer",
            "Mean of the layer's heads, with 95% interval.",
            HEIGHT);
    Map<String, Figure> maps = new LinkedHashMap<>();
    for (String when : taken.keySet()) {
      maps.put(when, new Figure("attention-" + when, capital(when), "By layer and head.", HEIGHT));
    }
    boolean both = taken.size() == 2;
    Figure change =
        new Figure(
            "attention-change",
            "Change",
            "After minus before, paired; the tooltip gives the interval.",
            HEIGHT);
    AttentionMasses first = taken.values().iterator().next();
    for (String mass : first.names()) {
      if (!taken.values().stream().allMatch(masses -> masses.names().contains(mass))) {
        continue;
      }
      String name = NAMES.get(mass);
      LineChart chart = byLayer(taken, mass);
      if (chart.isEmpty()) {
        continue;
      }
      lines.view(name, chart.build()).table(chart.table(name));
      double[] range = range(taken, mass);
      taken.forEach(
          (when, masses) -> {
            HeatMap map = byHead(masses, mass, name).covering(range[0], range[1]);
            maps.get(when).view(name, map.build()).table(map.table(name));
          });
      if (both) {
        HeatMap map = change(taken.get("before"), taken.get("after"), mass, name);
        change.view(name, map.build()).table(map.table(name));
      }
    }
    if (lines.views().isEmpty()) {
      return List.of();
    }
    figures.addAll(maps.values());
    if (both) {
      figures.add(change);
    }
    figures.add(0, lines.wide());
    return figures;
  }

  private static String capital(String when) {
    return when.equals("before") ? "Before" : "After";
  }

  private static LineChart byLayer(Map<String, AttentionMasses> taken, String mass) {
    LineChart chart = LineChart.over("layer");
    taken.forEach(
        (when, masses) -> {
          int n = masses.layers().length;
          Estimate[] means = new Estimate[n];
          for (int l = 0; l < n; l++) {
            means[l] = mean(masses.ofLayer(mass, l));
          }
          Estimates.dots(
              chart,
              when,
              when.equals("before") ? Colour.BEFORE : Colour.AFTER,
              IntStream.of(masses.layers()).asDoubleStream().toArray(),
              means);
        });
    return chart;
  }

  private static double[] range(Map<String, AttentionMasses> taken, String mass) {
    double[] means =
        taken.values().stream()
            .flatMapToDouble(
                masses ->
                    IntStream.range(0, masses.layers().length * masses.heads())
                        .mapToDouble(
                            i ->
                                mean(masses.of(mass, i / masses.heads(), i % masses.heads()))
                                    .value()))
            .filter(Double::isFinite)
            .toArray();
    return new double[] {
      Arrays.stream(means).min().orElse(0), Arrays.stream(means).max().orElse(1)
    };
  }

  private static HeatMap empty(AttentionMasses masses, String valueName) {
    return HeatMap.of(
        "head",
        IntStream.range(0, masses.heads()).mapToObj(Integer::toString).toList(),
        "layer",
        LayerMaps.names(masses.layers()),
        valueName);
  }

  private static HeatMap byHead(AttentionMasses masses, String mass, String name) {
    HeatMap map = empty(masses, name).interval("95% interval");
    for (int l = 0; l < masses.layers().length; l++) {
      for (int h = 0; h < masses.heads(); h++) {
        Estimate mean = mean(masses.of(mass, l, h));
        map.cell(h, l, mean.value(), mean.low(), mean.high());
      }
    }
    return map;
  }

  private static HeatMap change(
      AttentionMasses before, AttentionMasses after, String mass, String name) {
    HeatMap map = empty(before, name + ", change").interval("paired 95% interval").diverging(0);
    for (int l = 0; l < before.layers().length; l++) {
      for (int h = 0; h < before.heads(); h++) {
        Estimate change = change(before.of(mass, l, h), after.of(mass, l, h));
        map.cell(h, l, change.value(), change.low(), change.high());
        if (change.isBeyondZero()) {
          map.mark(h, l);
        }
      }
    }
    return map;
  }

  /** How often a head's mass alone picks the right passage. */
  private static Optional<Figure> matching(String when, AttentionMasses masses) {
    if (!masses.names().contains(A) || !masses.names().contains(B) || masses.labels().length == 0) {
      return Optional.empty();
    }
    HeatMap map =
        empty(masses, "share picked right").interval("95% interval").diverging(0.5).covering(0, 1);
    for (int l = 0; l < masses.layers().length; l++) {
      for (int h = 0; h < masses.heads(); h++) {
        Proportion right = picked(masses, l, h, 0, masses.labels().length);
        map.cell(h, l, right.accuracy(), right.low(), right.high());
      }
    }
    if (map.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Figure(
                "matching-" + when,
                "Single heads as rankers, " + when,
                "Share of examples in which the right passage attends more to the query (A → query"
                    + " against B → query). 0.5 is chance; the best of many heads is flattered by"
                    + " having been picked on these examples. B's tokens see all of A as well, which"
                    + " takes mass from the query.",
                HEIGHT)
            .view("", map.build())
            .table(map.table("Share picked right, " + when)));
  }

  /**
   * How often a head's mass alone picks the right passage, of some examples whose passages it tells
   * apart: where the query comes after the passages, none of their tokens sees it.
   */
  static Proportion picked(AttentionMasses masses, int layer, int head, int from, int to) {
    double[] a = masses.of(A, layer, head);
    double[] b = masses.of(B, layer, head);
    return Proportion.ofLarger(a, b, masses.labels(), from, to);
  }

  private static double[] finite(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).toArray();
  }

  static Estimate mean(double[] values) {
    return Estimate.of(MeanInterval.of(finite(values)));
  }

  /** The paired change of the examples that have both. */
  static Estimate change(double[] before, double[] after) {
    double[] differences = new double[before.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = after[i] - before[i];
    }
    return mean(differences);
  }
}
