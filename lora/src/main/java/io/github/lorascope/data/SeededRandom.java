package io.github.lorascope.data;

/**
 * Numbers that are a function of a seed and a position, the same on every JVM: SplitMix64 (Steele,
 * Lea, Flood, 2014).
 */
final class SeededRandom {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private final long seed;
  private long position;

  SeededRandom(long seed) {
    this.seed = seed;
  }

  /** Gives the 64 bits of a position. */
  static long at(long seed, long position) {
    return mix(seed + (position + 1) * GAMMA);
  }

  /** Gives the next number from 0 to below the bound, even to one part in 2^63 / bound. */
  long below(long bound) {
    return Math.multiplyHigh(at(seed, position++) >>> 1, bound << 1);
  }

  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
