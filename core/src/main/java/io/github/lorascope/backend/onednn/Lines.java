package io.github.lorascope.backend.onednn;

/**
 * Sums over a row in double precision. Several running sums keep the processor busy while one
 * addition waits for the one before.
 */
final class Lines {
  private Lines() {}

  static double dot(float[] x, float[] y, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < count; i += 4) {
      a += (double) x[i] * y[i];
      b += (double) x[i + 1] * y[i + 1];
      c += (double) x[i + 2] * y[i + 2];
      d += (double) x[i + 3] * y[i + 3];
    }
    for (; i < count; i++) {
      a += (double) x[i] * y[i];
    }
    return (a + b) + (c + d);
  }
}
