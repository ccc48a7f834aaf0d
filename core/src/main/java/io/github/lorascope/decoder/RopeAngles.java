package io.github.lorascope.decoder;

import io.github.lorascope.checkpoint.RotaryEmbedding;
import java.util.List;

/**
 * Cosines and sines of the rotary embedding, position by position, so that those of fewer positions
 * are the first of these.
 *
 * @param frequencies what they are of
 * @param positions how many positions
 * @param cos [positions, frequencies]
 * @param sin the same of the sines
 */
record RopeAngles(List<Float> frequencies, int positions, float[] cos, float[] sin) {
  static RopeAngles of(int positions, List<Float> frequencies, RotaryEmbedding rotary) {
    int half = frequencies.size();
    float[] cos = new float[Math.multiplyExact(positions, half)];
    float[] sin = new float[cos.length];
    for (int i = 0; i < half; i++) {
      float frequency = frequencies.get(i);
      for (int p = 0; p < positions; p++) {
        float angle = p * frequency;
        cos[p * half + i] = (float) Math.cos(angle) * rotary.magnitude();
        sin[p * half + i] = (float) Math.sin(angle) * rotary.magnitude();
      }
    }
    return new RopeAngles(frequencies, positions, cos, sin);
  }

  /** Tells whether they hold those of so many positions. */
  boolean reach(int wanted, List<Float> of) {
    return positions >= wanted && frequencies.equals(of);
  }
}
