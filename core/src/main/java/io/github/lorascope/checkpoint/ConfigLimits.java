package io.github.lorascope.checkpoint;

/** What a model's sizes may be: beyond it they are mistakes, or more than can be computed with. */
final class ConfigLimits {
  static final int MAX_VOCABULARY = 1 << 24;
  static final int MAX_WIDTH = 1 << 20;
  static final int MAX_LAYERS = 1 << 12;
  static final int MAX_HEADS = 1 << 12;
  static final int MAX_HEAD_DIMENSION = 1 << 12;
  static final int MAX_POSITIONS = 1 << 30;

  private ConfigLimits() {}

  /** Checks that the largest matrices have no more elements than an index can count. */
  static void checkMatrices(
      String source, int vocabulary, int hidden, int intermediate, long attention) {
    check(source, "vocab_size x hidden_size", vocabulary, hidden);
    check(source, "2 x intermediate_size x hidden_size", 2L * intermediate, hidden);
    check(source, "the query, key and value projections", attention, hidden);
  }

  private static void check(String source, String what, long rows, long columns) {
    if (rows * columns > Integer.MAX_VALUE) {
      throw new CheckpointException(
          source
              + ": "
              + what
              + ": a matrix of "
              + rows
              + " x "
              + columns
              + " has more than 2^31 - 1 elements");
    }
  }
}
