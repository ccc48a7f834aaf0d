package io.github.lorascope.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** Says in words, and in one small drawing, what a run came to. */
final class Verdict {
  /** The entries that it says, which need no row in a table. */
  static final Set<String> SAID =
      Set.of(
          "accuracy_before",
          "accuracy_before_low",
          "accuracy_before_high",
          "accuracy_after",
          "accuracy_after_low",
          "accuracy_after_high",
          "eval_n",
          "steps",
          "pairs",
          "tokens",
          "tokens_per_second",
          "seconds",
          "model");

  private final RunSummary summary;

  Verdict(RunSummary summary) {
    this.summary = summary;
  }

  /** An accuracy with the ends of its interval, which are NaN where they are unknown. */
  private record Estimate(String label, String style, double value, double low, double high) {
    boolean hasInterval() {
      return Double.isFinite(low) && Double.isFinite(high);
    }

    String said() {
      String share = NumberText.share(value);
      return hasInterval()
          ? share + " [" + NumberText.bound(low) + ", " + NumberText.bound(high) + "]"
          : share;
    }
  }

  private List<Estimate> estimates() {
    List<Estimate> out = new ArrayList<>();
    for (String when : List.of("before", "after")) {
      String name = "accuracy_" + when;
      summary
          .number(name)
          .ifPresent(
              value ->
                  out.add(
                      new Estimate(
                          when,
                          when.equals("before") ? "c1" : "c0",
                          value,
                          summary.number(name + "_low").orElse(Double.NaN),
                          summary.number(name + "_high").orElse(Double.NaN))));
    }
    return out;
  }

  /** One paragraph, empty where the summary has none of what it needs. */
  String sentence() {
    List<String> sentences = new ArrayList<>();
    List<Estimate> estimates = estimates();
    String on =
        summary.number("eval_n").isPresent()
            ? " on " + NumberText.count(summary.number("eval_n").getAsDouble()) + " held-out pairs"
            : "";
    if (estimates.size() == 2) {
      sentences.add(change(estimates.get(0), estimates.get(1), on));
    } else if (estimates.size() == 1) {
      Estimate only = estimates.get(0);
      sentences.add("Accuracy" + on + " " + only.label() + " training: " + only.said() + ".");
    }
    String work = work();
    if (!work.isEmpty()) {
      sentences.add(work);
    }
    return String.join(" ", sentences);
  }

  private static String change(Estimate before, Estimate after, String on) {
    double difference = after.value() - before.value();
    String verb = difference > 0 ? "rose" : difference < 0 ? "fell" : "stayed";
    String said =
        String.format(
            Locale.ROOT,
            "Accuracy%s %s from %s to %s, by %.1f points.",
            on,
            verb,
            before.said(),
            after.said(),
            100 * Math.abs(difference));
    if (!before.hasInterval() || !after.hasInterval()) {
      return said;
    }
    boolean apart = before.high() < after.low() || after.high() < before.low();
    return said
        + (apart
            ? " The 95% intervals are apart: the change is more than noise of the sample."
            : " The 95% intervals overlap: the difference may be noise of the sample.");
  }

  private String work() {
    List<String> amounts = new ArrayList<>();
    amount(amounts, "steps", " steps");
    amount(amounts, "pairs", " pairs");
    amount(amounts, "tokens", " tokens");
    if (amounts.isEmpty()) {
      return "";
    }
    OptionalDouble seconds = summary.number("seconds");
    OptionalDouble speed = summary.number("tokens_per_second");
    return "Training ran "
        + String.join(", ", amounts)
        + (seconds.isPresent() ? " in " + NumberText.duration(seconds.getAsDouble()) : "")
        + (speed.isPresent()
            ? " (" + NumberText.count(speed.getAsDouble()) + " tokens a second)"
            : "")
        + ".";
  }

  private void amount(List<String> amounts, String name, String unit) {
    summary.number(name).ifPresent(value -> amounts.add(NumberText.count(value) + unit));
  }

  /** Before and after on one scale from 0 to 1, empty where either is unknown. */
  String drawing() {
    List<Estimate> estimates = estimates();
    if (estimates.size() < 2) {
      return "";
    }
    StringBuilder out = new StringBuilder("<figure class=\"chart\"><figcaption>");
    out.append("<h3>Before and after</h3><p>Accuracy on held-out pairs with its 95% interval.</p>");
    out.append("</figcaption>\n<svg viewBox=\"0 0 420 230\" role=\"img\" aria-label=\"");
    out.append("Accuracy before training ").append(estimates.get(0).said());
    out.append(", after training ").append(estimates.get(1).said()).append("\">\n");
    out.append("<g class=\"grid\">");
    for (int tenths = 0; tenths <= 10; tenths += 2) {
      out.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%1$.1f 10V196\"/><text x=\"%1$.1f\" y=\"212\""
                  + " text-anchor=\"middle\">%2$s</text>",
              across(tenths / 10.0),
              NumberText.of(tenths / 10.0)));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "</g>\n<g class=\"reference\"><path d=\"M%1$.1f 10V196\"/><text x=\"%1$.1f\""
                + " y=\"22\" dx=\"6\">0.5: guessing</text></g>\n",
            across(0.5)));
    for (int i = 0; i < estimates.size(); i++) {
      row(out, estimates.get(i), 65 + 80 * i);
    }
    return out.append("</svg>\n</figure>\n").toString();
  }

  private static void row(StringBuilder out, Estimate estimate, int y) {
    out.append("<g class=\"")
        .append(estimate.style())
        .append(" dots\"><text class=\"name\" x=\"58\" y=\"");
    out.append(y).append("\" dy=\".35em\" text-anchor=\"end\">").append(estimate.label());
    out.append("</text>");
    if (estimate.hasInterval()) {
      out.append(
          String.format(
              Locale.ROOT,
              "<path class=\"whisker wide\" d=\"M%.1f %dH%.1f\"/>",
              across(estimate.low()),
              y,
              across(estimate.high())));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%.1f\" cy=\"%d\" r=\"6\"><title>%s</title></circle></g>\n",
            across(estimate.value()),
            y,
            Html.escape(estimate.label() + ": " + estimate.said())));
  }

  private static double across(double share) {
    return 70 + 336 * share;
  }

  /** The numbers to be seen first, as a list of terms. */
  String tiles() {
    StringBuilder out = new StringBuilder();
    estimates().forEach(e -> tile(out, "accuracy " + e.label(), NumberText.share(e.value())));
    for (String name : List.of("steps", "pairs")) {
      summary.number(name).ifPresent(value -> tile(out, name, NumberText.count(value)));
    }
    summary
        .number("tokens_per_second")
        .ifPresent(value -> tile(out, "tokens a second", NumberText.count(value)));
    summary.number("seconds").ifPresent(value -> tile(out, "time", NumberText.duration(value)));
    return out.isEmpty() ? "" : "<dl class=\"tiles\">" + out + "</dl>\n";
  }

  private static void tile(StringBuilder out, String name, String value) {
    out.append("<div><dt>").append(name).append("</dt><dd>").append(value).append("</dd></div>");
  }
}
