package io.github.lorascope.curve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Cuts a series into segments of one mean each so that the squared deviations, in units of the
 * noise, plus a penalty a cut are the least that any cutting has: optimal partitioning with PELT's
 * pruning (R. Killick, P. Fearnhead, I. A. Eckley, "Optimal detection of changepoints with a linear
 * computational cost", 2012).
 */
final class OptimalPartition {
  private final double[] weight;
  private final double[] sum;
  private final double[] squares;

  /** Adds up; noise is the standard deviation of every value. */
  private OptimalPartition(double[] values, double[] noise) {
    int n = values.length;
    double centre = Arrays.stream(values).average().orElse(0); // keeps the squares small
    weight = new double[n + 1];
    sum = new double[n + 1];
    squares = new double[n + 1];
    for (int i = 0; i < n; i++) {
      double w = 1 / (noise[i] * noise[i]);
      double value = values[i] - centre;
      weight[i + 1] = weight[i] + w;
      sum[i + 1] = sum[i] + w * value;
      squares[i + 1] = squares[i] + w * value * value;
    }
  }

  /** Finds where segments after the first begin, ascending. */
  static List<Integer> cuts(double[] values, double[] noise, double penalty, int shortest) {
    return new OptimalPartition(values, noise).cuts(penalty, shortest);
  }

  private double cost(int from, int to) {
    double s = sum[to] - sum[from];
    return Math.max(0, squares[to] - squares[from] - s * s / (weight[to] - weight[from]));
  }

  private List<Integer> cuts(double penalty, int shortest) {
    int n = weight.length - 1;
    double[] best = new double[n + 1];
    int[] previous = new int[n + 1];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    best[0] = -penalty;
    int[] starts = new int[n + 1];
    // A start that lost to a cut at t stays lost from where a segment can begin at t and end.
    int[] until = new int[n + 1];
    double[] costs = new double[n + 1];
    int count = 0;
    for (int end = shortest; end <= n; end++) {
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (until[starts[i]] > end) {
          starts[kept++] = starts[i];
        }
      }
      count = kept;
      int newest = end - shortest;
      if (best[newest] < Double.POSITIVE_INFINITY) {
        until[newest] = Integer.MAX_VALUE;
        starts[count++] = newest;
      }
      for (int i = 0; i < count; i++) {
        costs[i] = best[starts[i]] + cost(starts[i], end);
        if (costs[i] + penalty < best[end]) {
          best[end] = costs[i] + penalty;
          previous[end] = starts[i];
        }
      }
      for (int i = 0; i < count; i++) {
        if (costs[i] > best[end]) {
          until[starts[i]] = Math.min(until[starts[i]], end + shortest);
        }
      }
    }
    List<Integer> cuts = new ArrayList<>();
    for (int cut = previous[n]; cut > 0; cut = previous[cut]) {
      cuts.add(cut);
    }
    Collections.reverse(cuts);
    return cuts;
  }
}
