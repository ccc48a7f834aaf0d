package io.github.lorascope.report.section;

import io.github.lorascope.curve.Curve;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.LayerMatrix;
import io.github.lorascope.report.data.ProbeScore;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.data.StepTable;
import io.github.lorascope.report.data.Summary;
import io.github.lorascope.report.html.Html;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The summary: what the files say, in words and numbers, and no more than their intervals allow.
 */
public final class Findings {
  /** The entries of {@code summary.json} that are said, which need no row in a table. */
  private static final Set<String> SAID =
      Set.of(
          "accuracy_before",
          "accuracy_before_low",
          "accuracy_before_high",
          "accuracy_before_n",
          "accuracy_after",
          "accuracy_after_low",
          "accuracy_after_high",
          "accuracy_after_n",
          "eval_n",
          "steps",
          "pairs",
          "tokens",
          "tokens_per_second",
          "seconds");

  /** Of fewer steps, nine of ten are all or all but one: too few to call it a rule. */
  private static final int FEW_STEPS = 10;

  private final RunFiles files;
  private final Summary summary;

  /**
   * Begins.
   *
   * @param files of the run
   */
  public Findings(RunFiles files) {
    this.files = files;
    summary = files.summary();
  }

  /**
   * Tells whether an entry of the summary is said in words.
   *
   * @param name of the entry
   * @return false where it has to be listed; what is no number was not put into words
   */
  public boolean says(String name) {
    return name.equals("model") || (SAID.contains(name) && summary.number(name).isPresent());
  }

  /**
   * The whole summary.
   *
   * @return HTML
   */
  public String toHtml() {
    StringBuilder out = new StringBuilder(tiles());
    String verdict = verdict();
    if (!verdict.isEmpty()) {
      out.append("<p class=\"verdict\">").append(Html.escape(verdict)).append("</p>\n");
    }
    Map<String, String> points = points();
    if (!points.isEmpty()) {
      out.append("<dl class=\"findings\">\n");
      points.forEach(
          (name, text) ->
              out.append("<div><dt>")
                  .append(Html.escape(name))
                  .append("</dt><dd>")
                  .append(Html.escape(text))
                  .append("</dd></div>\n"));
      out.append("</dl>\n");
    }
    return out.toString();
  }

  private String tiles() {
    StringBuilder out = new StringBuilder();
    for (String when : List.of("before", "after")) {
      Estimate accuracy = summary.estimate("accuracy_" + when);
      if (accuracy.isKnown()) {
        tile(
            out,
            "accuracy " + when,
            NumberText.share(accuracy.value()),
            accuracy.hasInterval()
                ? NumberText.bound(accuracy.low()) + " to " + NumberText.bound(accuracy.high())
                : "");
      }
    }
    for (String name : List.of("steps", "pairs")) {
      summary.number(name).ifPresent(value -> tile(out, name, NumberText.count(value), ""));
    }
    summary
        .number("seconds")
        .ifPresent(
            value ->
                tile(
                    out,
                    "time",
                    NumberText.duration(value),
                    summary.number("tokens_per_second").isPresent()
                        ? NumberText.count(summary.number("tokens_per_second").getAsDouble())
                            + " tokens/s"
                        : ""));
    return out.isEmpty() ? "" : "<dl class=\"tiles\">" + out + "</dl>\n";
  }

  private static void tile(StringBuilder out, String name, String value, String below) {
    out.append("<div><dt>").append(name).append("</dt><dd>").append(value);
    if (!below.isEmpty()) {
      out.append("<small>").append(below).append("</small>");
    }
    out.append("</dd></div>");
  }

  private String verdict() {
    List<String> sentences = new ArrayList<>();
    Estimate before = summary.estimate("accuracy_before");
    Estimate after = summary.estimate("accuracy_after");
    OptionalDouble n = summary.number("eval_n");
    if (n.isEmpty()) {
      n = summary.number("accuracy_after_n");
    }
    String on = n.isPresent() ? " on " + pairs(n.getAsDouble()) : "";
    if (before.isKnown() && after.isKnown()) {
      sentences.add(change(before, after, on));
    } else if (before.isKnown() || after.isKnown()) {
      sentences.add(
          "Accuracy"
              + on
              + (after.isKnown() ? " after training: " : " before training: ")
              + Estimates.share(after.isKnown() ? after : before)
              + ".");
    }
    String work = work();
    if (!work.isEmpty()) {
      sentences.add(work);
    }
    return String.join(" ", sentences);
  }

  private String pairs(double n) {
    String pairs = NumberText.count(n) + (n == 1 ? " held-out pair" : " held-out pairs");
    OptionalDouble shared = summary.number("evaluation_shared_passages");
    return shared.isPresent() && shared.getAsDouble() > 0
        ? pairs
            + " ("
            + NumberText.count(shared.getAsDouble())
            + " with a passage that is trained on, right or wrong)"
        : pairs;
  }

  private static String change(Estimate before, Estimate after, String on) {
    double difference = after.value() - before.value();
    if (difference == 0) {
      return "Accuracy" + on + " is as before: " + Estimates.share(after) + ".";
    }
    String verb = difference > 0 ? "rose" : "fell";
    String said =
        String.format(
            Locale.ROOT,
            "Accuracy%s %s from %s to %s, by %.1f points.",
            on,
            verb,
            Estimates.share(before),
            Estimates.share(after),
            100 * Math.abs(difference));
    if (!before.hasInterval() || !after.hasInterval()) {
      return said;
    }
    return said
        + (before.isApartFrom(after)
            ? " The 95% intervals are apart: the change is more than noise of the sample."
            : " The 95% intervals overlap: the difference may be noise of the sample.");
  }

  private String work() {
    List<String> amounts = new ArrayList<>();
    for (String unit : List.of("steps", "pairs", "tokens")) {
      summary.number(unit).ifPresent(v -> amounts.add(NumberText.counted(v, unit)));
    }
    if (amounts.isEmpty()) {
      return "";
    }
    OptionalDouble seconds = summary.number("seconds");
    OptionalDouble speed = summary.number("tokens_per_second");
    return "Training ran "
        + String.join(", ", amounts)
        + (seconds.isPresent() ? " in " + NumberText.duration(seconds.getAsDouble()) : "")
        + (speed.isPresent()
            ? " (" + NumberText.counted(speed.getAsDouble(), "tokens") + " a second)"
            : "")
        + ".";
  }

  private Map<String, String> points() {
    Map<String, String> out = new LinkedHashMap<>();
    put(out, "Curve", curve());
    put(out, "Gradients", gradients());
    put(out, "Attention", AttentionFindings.say(files));
    put(out, "Probes", probes());
    put(out, "Lens", lens());
    put(out, "Knock-out", EffectFindings.knockOut(files));
    put(out, "Ablation", EffectFindings.ablation(files));
    return out;
  }

  private static void put(Map<String, String> out, String name, String text) {
    if (!text.isEmpty()) {
      out.put(name, text);
    }
  }

  private String curve() {
    return files
        .curve("loss")
        .or(() -> files.curve("smoothed_loss"))
        .map(Findings::shape)
        .orElse("");
  }

  private static String shape(Curve curve) {
    List<String> said = new ArrayList<>();
    curve
        .plateau()
        .ifPresent(
            p ->
                said.add(
                    String.format(
                        Locale.ROOT,
                        "The training loss stayed near %.3f, what guessing costs, for %s (%s to"
                            + " %s), with a mean of %.3f.",
                        p.level(),
                        NumberText.counted(p.steps(), "steps"),
                        NumberText.count(p.from()),
                        NumberText.count(p.to()),
                        p.mean())));
    curve
        .steepest()
        .ifPresent(
            s ->
                said.add(
                    (curve.plateau().isPresent() ? "It" : "The training loss")
                        + (s.slope() < 0 ? " fell" : " rose")
                        + " fastest at step "
                        + NumberText.count(s.step())
                        + (curve.plateau().filter(p -> s.step() < p.from()).isPresent()
                            ? ", before that."
                            : ".")));
    if (!curve.changePoints().isEmpty()) {
      said.add(
          (said.isEmpty() ? "The training loss's level changes at " : "Its level changes at ")
              + (curve.changePoints().size() == 1 ? "step " : "steps ")
              + String.join(
                  ", ", curve.changePoints().stream().map(c -> NumberText.count(c.step())).toList())
              + ".");
    }
    return String.join(" ", said);
  }

  private String gradients() {
    if (files.gradients().isEmpty()) {
      return "";
    }
    double[] ratios =
        Arrays.stream(files.gradients().get().points("late_early_ratio").finite().y())
            .filter(ratio -> ratio > 0)
            .sorted()
            .toArray();
    if (ratios.length == 0) {
      return "";
    }
    int n = ratios.length;
    double median = (ratios[(n - 1) / 2] + ratios[n / 2]) / 2;
    String said =
        "On the median step the late layers' gradient norm is "
            + NumberText.of(median)
            + " times that of the early layers, early / late "
            + NumberText.of(1 / median);
    if (n < FEW_STEPS) {
      return said + ", of " + NumberText.counted(n, "steps") + ".";
    }
    long above = Arrays.stream(ratios).filter(ratio -> ratio > 1).count();
    long below = Arrays.stream(ratios).filter(ratio -> ratio < 1).count();
    return said
        + " (eight steps of ten: late / early from "
        + NumberText.of(ratios[(n - 1) / 10])
        + " to "
        + NumberText.of(ratios[n - 1 - (n - 1) / 10])
        + ")."
        + (10 * above >= 9L * n
            ? " The late layers' gradient is the larger one on nine steps of ten or more."
            : 10 * below >= 9L * n
                ? " The early layers' gradient is the larger one on nine steps of ten or more."
                : " Neither is larger throughout.");
  }

  private String probes() {
    NavigableMap<Integer, ProbeScore> before = ProbeSection.at(files.probes(), false);
    NavigableMap<Integer, ProbeScore> after = ProbeSection.at(files.probes(), true);
    int compared = 0;
    int apart = 0;
    int best = -1;
    for (Map.Entry<Integer, ProbeScore> entry : after.entrySet()) {
      ProbeScore first = before.get(entry.getKey());
      if (first == null || first.step() == entry.getValue().step()) {
        continue;
      }
      compared++;
      apart += first.accuracy().isApartFrom(entry.getValue().accuracy()) ? 1 : 0;
      if (best < 0 || gain(before, after, entry.getKey()) > gain(before, after, best)) {
        best = entry.getKey();
      }
    }
    if (compared == 0) {
      return "";
    }
    return "A linear probe's 95% intervals at step "
        + NumberText.count((double) before.get(best).step())
        + " and at step "
        + NumberText.count((double) after.get(best).step())
        + " are apart at "
        + apart
        + " of "
        + NumberText.counted(compared, "depths")
        + ". "
        + (gain(before, after, best) > 0 ? "It gained most" : "It gained nowhere, and lost least,")
        + depth(best)
        + ": from "
        + Estimates.share(before.get(best).accuracy())
        + " to "
        + Estimates.share(after.get(best).accuracy())
        + (before.get(best).accuracy().isApartFrom(after.get(best).accuracy())
            ? "."
            : ", which may be noise.");
  }

  /** Where a state is, in words. */
  private static String depth(int layers) {
    return layers == 0 ? " at the embedding" : " behind " + NumberText.counted(layers, "layers");
  }

  private static double gain(
      NavigableMap<Integer, ProbeScore> before,
      NavigableMap<Integer, ProbeScore> after,
      int layer) {
    return after.get(layer).accuracy().value() - before.get(layer).accuracy().value();
  }

  private String lens() {
    return files
        .lens()
        .flatMap(lens -> lens.layers("accuracy").map(matrix -> lens(lens, matrix)))
        .orElse("");
  }

  private String lens(StepTable lens, LayerMatrix matrix) {
    Estimate[] last = LensSection.accuracies(lens, true);
    Estimate deepest = last[last.length - 1];
    if (!deepest.hasInterval()) {
      return "";
    }
    int from = last.length;
    while (from > 0 && last[from - 1].low() > 0.5) {
      from--;
    }
    String name = LensSection.lastName(matrix, files);
    String when =
        switch (name) {
          case StepName.BEFORE -> "Before the training";
          case StepName.AFTER -> "After the training";
          default -> "At " + name;
        };
    if (from == last.length) {
      return when
          + " the head is not shown to answer better than chance even from the last depth: "
          + Estimates.share(deepest)
          + LensSection.pairs(lens)
          + ".";
    }
    int depth = matrix.layers()[from];
    return when
        + " the head would answer better than chance (interval above 0.5)"
        + depth(depth)
        + (from == last.length - 1 ? "." : " and at every depth after.");
  }
}
