package io.github.lorascope.report.section;

import io.github.lorascope.report.data.AttentionMasses;
import io.github.lorascope.report.data.Estimate;
import java.util.Optional;

/** How much a mass changes at the layer where its mean over heads changes most. */
record Shift(int layer, String mass, Estimate change) {
  /** Of two masses, such as those of both passages; empty where they were not measured. */
  static Optional<Shift> most(
      AttentionMasses before, AttentionMasses after, String first, String second) {
    Shift most = null;
    for (String mass : new String[] {first, second}) {
      if (!before.names().contains(mass) || !after.names().contains(mass)) {
        return Optional.empty();
      }
      for (int l = 0; l < before.layers().length; l++) {
        Estimate change = AttentionSection.change(before.ofLayer(mass, l), after.ofLayer(mass, l));
        if (change.isKnown()
            && (most == null || Math.abs(change.value()) > Math.abs(most.change.value()))) {
          most = new Shift(before.layers()[l], mass, change);
        }
      }
    }
    return Optional.ofNullable(most);
  }

  @Override
  public String toString() {
    return layer + ", " + AttentionSection.NAMES.get(mass) + " by " + Estimates.change(change);
  }
}
