package io.github.lorascope.backend.onednn;

/** Division of a count into parts of one size, the last one smaller. */
final class Split {
  private Split() {}

  /** Returns the size of a part where there shall be at most so many, at least 1. */
  static int size(int count, int parts) {
    return Math.max(1, (int) (((long) count + parts - 1) / parts));
  }

  /** Returns the number of parts of a size. */
  static int parts(int count, int size) {
    return (int) (((long) count + size - 1) / size);
  }

  /**
   * Returns how many of the rows that are left go next: a power of two, as an operation of oneDNN
   * is compiled for its number of rows, and batches have any.
   */
  static int run(int left, int most) {
    return Math.min(most, Integer.highestOneBit(left));
  }

  /** Rounds up to a multiple. */
  static int up(int count, int unit) {
    return Math.multiplyExact(parts(count, unit), unit);
  }
}
