package io.github.lorascope.weights;

import java.util.Arrays;

/**
 * The signed 8-bit dynamic data type of Dettmers (8-bit Approximations for Parallelism in Deep
 * Learning, 2016) as bitsandbytes builds it: seven decades, the upper ones cut finer, with 0 and 1.
 */
final class DynamicMap {
  private static final int DECADES = 7;

  private DynamicMap() {}

  /** Returns the 256 values in ascending order, every step rounded to float32 as there. */
  static float[] signed() {
    float[] map = new float[256];
    int count = 0;
    for (int decade = 0; decade < DECADES; decade++) {
      int parts = 1 << decade;
      float scale = (float) Math.pow(10, decade - (DECADES - 1));
      for (int part = 0; part < parts; part++) {
        float middle = (border(part, parts) + border(part + 1, parts)) / 2;
        map[count++] = scale * middle;
        map[count++] = -scale * middle;
      }
    }
    map[count] = 0;
    map[count + 1] = 1;
    Arrays.sort(map);
    return map;
  }

  /** Returns the index of the value that is nearest; of two equally near the lower. */
  static int nearest(float[] map, float value) {
    int found = Arrays.binarySearch(map, value);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above == 0) {
      return 0;
    }
    if (above == map.length) {
      return map.length - 1;
    }
    return map[above] - value < value - map[above - 1] ? above : above - 1;
  }

  /**
   * Cuts 0.1 to 1 into equal parts, counted from the nearer end and rounded once, as PyTorch does.
   */
  private static float border(int index, int parts) {
    float step = (1f - 0.1f) / parts;
    return index < (parts + 1) / 2
        ? Math.fma(step, index, 0.1f)
        : Math.fma(-step, parts - index, 1f);
  }
}
