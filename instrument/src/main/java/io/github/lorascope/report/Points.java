package io.github.lorascope.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Positions and values of equal number, positions ascending. */
@SuppressWarnings("ArrayRecordComponent") // never leaves the package
record Points(double[] x, double[] y) {
  /** More points than this would be finer than a screen shows. */
  private static final int MOST = 1200;

  int size() {
    return x.length;
  }

  /** Whether there is anything to draw. */
  boolean isEmpty() {
    return finite().size() == 0;
  }

  /** Without NaN and infinities. */
  Points finite() {
    return pick(IntStream.range(0, x.length).filter(i -> Double.isFinite(y[i])).toArray());
  }

  /**
   * Each value replaced by the mean of the finite ones among it and its predecessors; the first
   * half of a window, where that would be a mean of few, is left out.
   */
  Points trailingMean(int window) {
    double[] mean = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      mean[i] =
          IntStream.rangeClosed(Math.max(0, i - window + 1), i)
              .mapToDouble(j -> y[j])
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
    }
    Arrays.fill(mean, 0, Math.min(y.length, window / 2), Double.NaN);
    return new Points(x, mean);
  }

  /** At most {@value #MOST} points: of each stretch its least and its greatest, so spikes stay. */
  Points thinned() {
    if (x.length <= MOST) {
      return this;
    }
    int stretches = MOST / 2;
    return pick(
        IntStream.range(0, stretches)
            .flatMap(
                s -> {
                  int from = (int) ((long) s * x.length / stretches);
                  int to = (int) ((long) (s + 1) * x.length / stretches);
                  int least = from;
                  int greatest = from;
                  for (int i = from; i < to; i++) {
                    least = y[i] < y[least] || Double.isNaN(y[least]) ? i : least;
                    greatest = y[i] > y[greatest] || Double.isNaN(y[greatest]) ? i : greatest;
                  }
                  return IntStream.of(Math.min(least, greatest), Math.max(least, greatest))
                      .distinct();
                })
            .toArray());
  }

  private Points pick(int[] indices) {
    return new Points(
        IntStream.of(indices).mapToDouble(i -> x[i]).toArray(),
        IntStream.of(indices).mapToDouble(i -> y[i]).toArray());
  }
}
