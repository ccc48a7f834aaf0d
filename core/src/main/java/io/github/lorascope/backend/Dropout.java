package io.github.lorascope.backend;

/**
 * Drops each number of a matrix with a probability and scales the others by 1 / (1 - rate). Which
 * ones depends on the seed and the number's position alone, so the backward pass and a resumed run
 * see the same mask.
 *
 * @param rate the probability, from 0 (keep all) to below 1
 * @param seed chooses the mask
 */
public record Dropout(double rate, long seed) {
  /** What SplitMix64 adds for the next number. */
  private static final long NEXT = 0x9E3779B97F4A7C15L;

  /** Keeps everything. */
  public static final Dropout NONE = new Dropout(0, 0);

  /** Checks the rate. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "a dropout rate of " + rate + ": it must be at least 0 and below 1");
    }
  }

  /**
   * Returns the dropout of one place in one pass. Seeds and places are set apart by other numbers
   * than positions are, so that no mask is another one moved.
   *
   * @param rate the probability, from 0 (keep all) to below 1
   * @param seed the pass
   * @param place the place in it
   * @return the dropout
   */
  public static Dropout at(double rate, long seed, long place) {
    return new Dropout(rate, seed * 0xBF58476D1CE4E5B9L + place * 0xD1B54A32D192ED03L);
  }

  /**
   * Returns what drops of a part what this drops of the whole.
   *
   * @param first position of the part's first number, row times columns plus column
   * @return the same for positions counted from there
   */
  public Dropout from(long first) {
    return new Dropout(rate, seed + first * NEXT);
  }

  /**
   * Tells what a number is multiplied with.
   *
   * @param index its position, row times columns plus column
   * @return 0 or 1 / (1 - rate)
   */
  public double factor(long index) {
    if (rate == 0) {
      return 1;
    }
    return uniform(index) < rate ? 0 : 1 / (1 - rate);
  }

  /**
   * Applies it to a run of numbers, as {@link #factor} says of each.
   *
   * @param values the numbers, from the start
   * @param count how many
   * @param first position of the first, row times columns plus column
   */
  public void apply(float[] values, int count, long first) {
    if (rate == 0) {
      return;
    }
    float kept = kept();
    long threshold = threshold();
    for (int i = 0; i < count; i++) {
      values[i] *= bits(first + i) < threshold ? 0 : kept;
    }
  }

  /**
   * Returns what the numbers that stay are multiplied with.
   *
   * @return 1 / (1 - rate) in float32
   */
  public float kept() {
    return (float) (1 / (1 - rate));
  }

  /**
   * Returns what decides whether a number is dropped, for a backend that applies this itself: it is
   * where the upper 53 bits of SplitMix64, seeded with the seed and asked for the position's value,
   * are below this.
   *
   * @return the rate times 2^53, rounded up
   */
  public long threshold() {
    return (long) Math.ceil(rate * 0x1.0p53);
  }

  private double uniform(long index) {
    return bits(index) * 0x1.0p-53;
  }

  /** SplitMix64 (Steele, Lea, Flood, 2014) of the position, its upper 53 bits. */
  private long bits(long index) {
    long z = seed + (index + 1) * NEXT;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (z ^ (z >>> 31)) >>> 11;
  }
}
