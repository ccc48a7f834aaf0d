package io.github.lorascope.ablation;

import java.util.Locale;

/** Where the states come from that replace those of a run. */
public enum PatchSource {
  /** The same question with passages A and B in each other's place, so that its answer flips. */
  SWAPPED,
  /** The same prompt in the model without the adapter's paths; the head is the adapter's. */
  UNTRAINED;

  /**
   * Returns its name in files.
   *
   * @return such as {@code swapped}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
