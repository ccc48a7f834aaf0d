package io.github.lorascope.report.section;

import io.github.lorascope.report.data.AttentionMasses;
import io.github.lorascope.report.data.Estimate;
import io.github.lorascope.report.data.RunFiles;
import io.github.lorascope.report.html.NumberText;
import java.util.ArrayList;
import java.util.List;

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
      String name = AttentionSection.NAMES.get(mass);
      String heads = " (" + beyond(before, after, mass) + " heads)";
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
            : "Over all heads together, beyond noise: " + String.join("; ", changed) + ". Not: ")
        + (unchanged.isEmpty() ? "none" : String.join(", ", unchanged))
        + ". In brackets, how many of "
        + heads
        + " single heads leave their own interval; about "
        + NumberText.count(0.05 * heads)
        + " would by chance.";
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
