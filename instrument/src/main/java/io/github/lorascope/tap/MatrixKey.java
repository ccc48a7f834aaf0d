package io.github.lorascope.tap;

import java.util.Comparator;

/** Which matrices: those of all heads of a layer on an example. */
record MatrixKey(int example, int layer) implements Comparable<MatrixKey> {
  private static final String PREFIX = "matrix.";
  private static final Comparator<MatrixKey> ORDER =
      Comparator.comparingInt(MatrixKey::example).thenComparingInt(MatrixKey::layer);

  String tensor() {
    return PREFIX + example + "." + layer;
  }

  @Override
  public int compareTo(MatrixKey other) {
    return ORDER.compare(this, other);
  }
}
