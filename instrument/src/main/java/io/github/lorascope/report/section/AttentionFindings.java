package io.github.lorascope.report.section;

import io.github.lorascope.metric.Proportion;
import io.github.lorascope.report.data.AttentionMasses;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether attention changed. */
final class AttentionFindings {
  private AttentionFindings() {}

  static String say(RunFiles files) {
    if (files.attention("before").isEmpty() || files.attention("after").isEmpty()) {
      return "";
    }
    AttentionMasses before = files.attention("before").get();
    AttentionMasses after = files.attention("after").get();
    List<String> changed = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    for (String mass : before.names()) {
      if (!after.names().contains(mass) || mass.startsWith("entropy")) {
        continue;
      }
      Estimate all = AttentionSection.change(before.ofAll(mass), after.ofAll(mass));
      if (!all.isKnown()) {
        continue;
      }
      String name = AttentionSection.NAMES.get(mass);
      String heads = " (" + NumberText.counted(beyond(before, after, mass), "heads") + ")";
      if (all.isBeyondZero()) {
        changed.add(name + " by " + Estimates.change(all) + heads);
      } else {
        unchanged.add(name + heads);
      }
    }
    if (changed.isEmpty() && unchanged.isEmpty()) {
      return "";
    }
    int heads = before.heads() * before.layers().length;
    return (changed.isEmpty()
            ? "Over all heads together no mass changed beyond noise: "
            : "Over all heads together, beyond noise: " + String.join("; ", changed))
        + (changed.isEmpty() || unchanged.isEmpty() ? "" : ". Not: ")
        + String.join(", ", unchanged)
        + ". In brackets, how many of "
        + heads
        + " single heads have an interval without 0; about "
        + NumberText.count(0.05 * heads)
        + " would by chance."
        + shift(before, after)
        + matching("before", before)
        + matching("after", after);
  }

  /** The layer whose mean over heads moves most, of reading and of where the last token looks. */
  private static String shift(AttentionMasses before, AttentionMasses after) {
    Optional<Shift> reading = Shift.most(before, after, AttentionSection.A, AttentionSection.B);
    Optional<Shift> looking =
        Shift.most(before, after, AttentionSection.LAST_TO_A, AttentionSection.LAST_TO_B);
    if (reading.isEmpty() || looking.isEmpty()) {
      return "";
    }
    return " By layer, reading (passages → query) moves most at layer "
        + reading.get()
        + ", and where the last token looks (→ passages) at layer "
        + looking.get()
        + ".";
  }

  /**
   * The single head that ranks best on one half of the examples, with what it does on the other.
   */
  private static String matching(String when, AttentionMasses masses) {
    int n = masses.labels().length;
    if (!masses.names().contains(AttentionSection.A)
        || !masses.names().contains(AttentionSection.B)
        || n < 2) {
      return "";
    }
    int bestLayer = 0;
    int bestHead = 0;
    long best = 0;
    for (int l = 0; l < masses.layers().length; l++) {
      for (int h = 0; h < masses.heads(); h++) {
        long right = AttentionSection.picked(masses, l, h, 0, n / 2).successes();
        if (right > best) {
          best = right;
          bestLayer = l;
          bestHead = h;
        }
      }
    }
    Proportion confirmed = AttentionSection.picked(masses, bestLayer, bestHead, n / 2, n);
    if (best == 0 || confirmed.trials() == 0) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        " The head whose mass from the passages to the query ranks best %s, picked on one half of"
            + " the examples (layer %d head %d), ranks %.3f [%.3f, %.3f] of the other half right by itself.",
        when,
        masses.layers()[bestLayer],
        bestHead,
        confirmed.accuracy(),
        confirmed.low(),
        confirmed.high());
  }

  private static int beyond(AttentionMasses before, AttentionMasses after, String mass) {
    int beyond = 0;
    for (int l = 0; l < before.layers().length; l++) {
      for (int h = 0; h < before.heads(); h++) {
        Estimate change = AttentionSection.change(before.of(mass, l, h), after.of(mass, l, h));
        beyond += change.isBeyondZero() ? 1 : 0;
      }
    }
    return beyond;
  }
}
