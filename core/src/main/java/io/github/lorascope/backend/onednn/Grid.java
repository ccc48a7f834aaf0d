package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/**
 * Division of a matrix among threads: by rows where there are enough of them, else by columns, and
 * by both where it has not as many units of columns as there are threads.
 */
record Grid(int rows, int columns, int rowStep, int columnStep) {
  /** Fewest rows that are worth reading a whole weight for. */
  private static final int ENOUGH = 32;

  /** Rows from which on a thread takes two turns, so that an early one need not wait long. */
  private static final int PLENTY = 512;

  /** What the number of rows of a part is a multiple of. */
  private static final int ROW_UNIT = 16;

  /** A part of the matrix. */
  record Part(int top, int bottom, int left, int right) {
    Tensor of(Tensor matrix) {
      return matrix.rows(top, bottom).columns(left, right);
    }
  }

  /**
   * Divides.
   *
   * @param unit what the first column of a part must be a multiple of
   */
  static Grid of(int rows, int columns, int unit, int threads) {
    if (rows >= ENOUGH * threads) {
      int parts = rows >= PLENTY * threads ? 2 * threads : threads;
      return new Grid(rows, columns, Split.up(Split.size(rows, parts), ROW_UNIT), columns);
    }
    int columnStep = Split.up(Split.size(columns, threads), unit);
    int rowParts = threads / Math.max(1, Split.parts(columns, columnStep));
    int rowStep = rowParts <= 1 ? rows : Split.up(Split.size(rows, rowParts), ROW_UNIT);
    return new Grid(rows, columns, rowStep, columnStep);
  }

  /**
   * Returns how many rows a thread takes through several operations before the next ones: few, so
   * that what passes between the operations stays in its cache, but enough to be worth reading the
   * weights for; all rows, where there are too few to divide.
   *
   * @param wanted about how many there should be
   */
  static int block(int rows, int wanted, int threads) {
    if (rows < ENOUGH * threads) {
      return rows;
    }
    int parts = Split.up(Split.parts(rows, wanted), threads);
    return Math.min(rows, Split.up(Split.size(rows, parts), 8));
  }

  int tasks() {
    return rows == 0 || columns == 0 ? 0 : across() * Split.parts(rows, rowStep);
  }

  Part part(int task) {
    int top = task / across() * rowStep;
    int left = task % across() * columnStep;
    return new Part(top, Math.min(rows, top + rowStep), left, Math.min(columns, left + columnStep));
  }

  private int across() {
    return Split.parts(columns, columnStep);
  }
}
