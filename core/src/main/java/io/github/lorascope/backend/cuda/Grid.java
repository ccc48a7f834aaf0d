package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.BackendException;

/**
 * How a kernel's work is shared out.
 *
 * @param x blocks along the first dimension
 * @param y blocks along the second, at most 65,535
 * @param z blocks along the third, at most 65,535
 * @param threads threads of a block, a multiple of 32, at most 1,024
 */
record Grid(int x, int y, int z, int threads) {
  private static final int THREADS = 256;
  private static final int LARGEST = 65_535;
  private static final int WARP = 32;
  private static final int MOST_THREADS = 1024;

  /** Checks what the driver would refuse without saying which number it is. */
  Grid {
    if (x < 0 || y < 0 || z < 0 || threads < 1 || threads > MOST_THREADS || threads % WARP != 0) {
      throw new IllegalArgumentException(text(x, y, z, threads) + " is not possible");
    }
    if (y > LARGEST || z > LARGEST) {
      throw new BackendException(
          "the cuda backend takes at most 65,535 sequences, heads or labels at once, and this is "
              + text(x, y, z, threads)
              + ": use fewer at once, or the backend 'onednn'");
    }
  }

  /** A block a row. */
  static Grid rows(int rows) {
    return new Grid(rows, 1, 1, THREADS);
  }

  /** A block a number. */
  static Grid blocks(int rows, int columns) {
    return new Grid(rows, columns, 1, THREADS);
  }

  /** A row along the first dimension, and of what it consists of a warp each. */
  static Grid warps(int rows, int count) {
    return new Grid(rows, parts(count, THREADS / 32), 1, THREADS);
  }

  /** A row along the first dimension, its columns along the second, a thread a column. */
  static Grid of(int rows, int columns) {
    return new Grid(rows, Math.min(parts(columns, THREADS), LARGEST), 1, THREADS);
  }

  /** A thread a number, as long as there are not too many blocks. */
  static Grid numbers(long count, int blocks) {
    return new Grid((int) Math.min(blocks, (count + THREADS - 1) / THREADS), 1, 1, THREADS);
  }

  static int parts(int count, int size) {
    return (int) (((long) count + size - 1) / size);
  }

  boolean empty() {
    return x == 0 || y == 0 || z == 0;
  }

  private static String text(int x, int y, int z, int threads) {
    return "a grid of " + x + " x " + y + " x " + z + " blocks of " + threads + " threads";
  }
}
