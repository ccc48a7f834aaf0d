package io.github.lorascope.backend;

/** Operations each of whose rows depends on the same row of others alone. */
@FunctionalInterface
public interface RowWork {
  /**
   * Computes some rows.
   *
   * @param from first row
   * @param to one past the last row
   */
  void run(int from, int to);
}
