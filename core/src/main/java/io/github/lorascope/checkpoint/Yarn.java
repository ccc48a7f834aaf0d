package io.github.lorascope.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * YaRN (Peng et al., 2023): pairs that turn fast keep their frequency, those that turn slowly are
 * stretched by the factor, and between them it blends, in float32 as transformers does.
 *
 * @param factor by how much more positions
 * @param originalPositions how many tokens the model was first trained for
 * @param fastTurns a pair with so many turns within them, or more, stays
 * @param slowTurns a pair with so many turns within them, or fewer, is stretched
 * @param whole whether the bounds between them are rounded to whole pairs
 */
record Yarn(
    double factor, int originalPositions, double fastTurns, double slowTurns, boolean whole) {
  static final double FAST_TURNS = 32;
  static final double SLOW_TURNS = 1;

  /** Keeps a blend between bounds that are one from dividing by zero. */
  private static final double LEAST_WIDTH = 0.001;

  List<Float> frequencies(double theta, int pairs) {
    double first = pair(fastTurns, theta, pairs);
    double last = pair(slowTurns, theta, pairs);
    double low = Math.max(0, whole ? Math.floor(first) : first);
    double high = Math.min(2 * pairs - 1, whole ? Math.ceil(last) : last);
    float width = (float) (low == high ? LEAST_WIDTH : high - low);
    List<Float> frequencies = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      float kept = 1 - Math.max(0, Math.min(1, (i - (float) low) / width));
      float stretched = RotaryEmbedding.frequency(theta, i, 2 * pairs, (float) factor);
      float plain = RotaryEmbedding.frequency(theta, i, 2 * pairs, 1);
      frequencies.add(stretched * (1 - kept) + plain * kept);
    }
    return frequencies;
  }

  /** Which pair, not a whole number, turns so often within the original positions. */
  private double pair(double turns, double theta, int pairs) {
    double wavelength = originalPositions / (turns * 2 * Math.PI);
    return 2 * pairs * Math.log(wavelength) / (2 * Math.log(theta));
  }

  /**
   * Returns what cosines and sines are multiplied with, as queries and keys then score as if at a
   * lower temperature.
   *
   * @param weight of the logarithm of the factor
   */
  double magnitude(double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }
}
