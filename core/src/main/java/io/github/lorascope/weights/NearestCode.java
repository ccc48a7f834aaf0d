package io.github.lorascope.weights;

import java.util.Arrays;

/**
 * Finds the nearest of some ascending values, at most one of which begins in each of the cells that
 * [-1, 1] is cut into: one look at the cell and one comparison.
 */
final class NearestCode {
  private static final int CELLS = 64;

  /** The code below the border of each cell, and that border: above it lies the next code. */
  private final byte[] below = new byte[CELLS + 1];

  private final float[] border = new float[CELLS + 1];

  NearestCode(float[] values) {
    float[] borders = Arrays.copyOf(borders(values), values.length);
    borders[values.length - 1] = Float.POSITIVE_INFINITY;
    for (int cell = 0, code = 0; cell <= CELLS; cell++) {
      while (cell(borders[code]) < cell) {
        code++;
      }
      below[cell] = (byte) code;
      border[cell] = borders[code];
    }
  }

  /** Returns the means of neighbours. */
  static float[] borders(float[] values) {
    float[] borders = new float[values.length - 1];
    for (int i = 0; i < borders.length; i++) {
      borders[i] = (float) (((double) values[i] + values[i + 1]) / 2);
    }
    return borders;
  }

  /** Returns the index of the value nearest to one in [-1, 1]; of two equally near the lower. */
  int of(float scaled) {
    int cell = cell(scaled);
    return below[cell] + (scaled > border[cell] ? 1 : 0);
  }

  private static int cell(float scaled) {
    return (int) Math.max(0, Math.min((scaled + 1) * (CELLS / 2), CELLS));
  }
}
