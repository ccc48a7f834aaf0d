package io.github.lorascope.weights;

/**
 * A frozen matrix [rows, columns] on the host, kept in the form that it was given; a linear layer's
 * weight has its outputs as rows. Immutable and thread-safe. A backend derives from it what it
 * computes with.
 */
public interface Weight {
  /**
   * Returns the number of rows.
   *
   * @return the rows
   */
  int rows();

  /**
   * Returns the number of columns.
   *
   * @return the columns
   */
  int columns();

  /**
   * Returns what it is called in the checkpoint.
   *
   * @return the name, for messages
   */
  String name();

  /**
   * Returns the form it is kept in.
   *
   * @return the form
   */
  WeightForm form();

  /**
   * Returns the memory that its form takes, tables included.
   *
   * @return the size in bytes
   */
  long bytes();

  /**
   * Gives some rows as float32.
   *
   * @param from first row
   * @param to one past the last row
   * @param target receives (to - from) x columns numbers, row by row
   * @param offset where in the target
   */
  void read(int from, int to, float[] target, int offset);

  /**
   * Gives some rows as float32, each number rounded to the nearest that bfloat16 holds.
   *
   * @param from first row
   * @param to one past the last row
   * @param target receives (to - from) x columns numbers, row by row
   * @param offset where in the target
   */
  default void readRounded(int from, int to, float[] target, int offset) {
    read(from, to, target, offset);
    int end = offset + (to - from) * columns();
    for (int i = offset; i < end; i++) {
      target[i] = Bfloat16.round(target[i]);
    }
  }

  /**
   * Views some rows.
   *
   * @param from first row
   * @param to one past the last row
   * @return the view [to - from, columns]
   */
  default Weight rows(int from, int to) {
    return from == 0 && to == rows() ? this : new WeightRows(this, from, to);
  }
}
