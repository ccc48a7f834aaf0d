package io.github.lorascope.tap;

/**
 * The thirds of a model's depth that gradients are compared over: of 32 layers, 0 to 9, 10 to 20
 * and 21 to 31, and as near to that as whole layers allow in models of another depth.
 */
public enum DepthThird {
  /** The layers near the embedding. */
  EARLY,
  /** The layers between. */
  MIDDLE,
  /** The layers near the head. */
  LATE;

  private static final double MIDDLE_FROM = 10 / 32.0;
  private static final double LATE_FROM = 21 / 32.0;

  /**
   * Tells where a layer belongs.
   *
   * @param layer the layer, from 0
   * @param layers how many the model has
   * @return its third
   */
  public static DepthThird of(int layer, int layers) {
    if (layer < 0 || layer >= layers) {
      throw new IllegalArgumentException("layer " + layer + " of " + layers);
    }
    if (layer < Math.round(MIDDLE_FROM * layers)) {
      return EARLY;
    }
    return layer < Math.round(LATE_FROM * layers) ? MIDDLE : LATE;
  }
}
