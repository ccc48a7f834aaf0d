package io.github.lorascope.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * A model's rotary position embedding (Su et al., RoFormer, 2021): number i of a head is turned
 * with number i + n by the token's position times frequency i of n, in radians; what a head holds
 * beyond 2 n stays as it is.
 *
 * @param theta the base that the frequencies were made of
 * @param frequencies those for sequences of at most originalPositions tokens
 * @param longFrequencies those for longer ones; most models have the same for both
 * @param originalPositions how many tokens the model was first trained for
 * @param magnitude what cosines and sines are multiplied with; 1 but for YaRN and LongRoPE
 */
public record RotaryEmbedding(
    double theta,
    List<Float> frequencies,
    List<Float> longFrequencies,
    int originalPositions,
    float magnitude) {
  /** Copies the lists. */
  public RotaryEmbedding {
    frequencies = List.copyOf(frequencies);
    longFrequencies = List.copyOf(longFrequencies);
    if (frequencies.size() != longFrequencies.size()) {
      throw new IllegalArgumentException(
          frequencies.size() + " frequencies and " + longFrequencies.size() + " long ones");
    }
  }

  /**
   * Makes the plain one: frequency i is theta^(-2i / rotated), in float32.
   *
   * @param theta the base
   * @param rotated how many numbers of a head are turned, even
   * @param positions how many tokens the model was trained for
   * @return the embedding
   */
  public static RotaryEmbedding plain(double theta, int rotated, int positions) {
    List<Float> frequencies = new ArrayList<>();
    for (int pair = 0; 2 * pair < rotated; pair++) {
      frequencies.add(frequency(theta, pair, rotated, 1));
    }
    return new RotaryEmbedding(theta, frequencies, frequencies, positions, 1);
  }

  /** Computes how far a pair of numbers turns from a position to the next, in float32. */
  static float frequency(double theta, int pair, int rotated, float stretch) {
    return 1 / (stretch * (float) Math.pow(theta, (float) (2 * pair) / rotated));
  }

  /** Whether float32 holds their angles at all of so many positions. */
  static boolean fit(List<Float> frequencies, int positions) {
    return frequencies.stream().allMatch(frequency -> Float.isFinite(frequency * positions));
  }

  /**
   * Returns the frequencies for sequences that are computed together: as in transformers, the
   * longest of them decides for all.
   *
   * @param longest tokens of the longest
   * @return the frequencies
   */
  public List<Float> frequencies(int longest) {
    return longest > originalPositions ? longFrequencies : frequencies;
  }
}
