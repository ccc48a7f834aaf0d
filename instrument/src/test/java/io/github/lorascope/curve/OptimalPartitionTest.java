package io.github.lorascope.curve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OptimalPartitionTest {
  /** Squared deviations over noise of a cutting, and its penalties. */
  private static double cost(double[] values, double[] noise, double penalty, List<Integer> cuts) {
    double total = penalty * cuts.size();
    int from = 0;
    for (int i = 0; i <= cuts.size(); i++) {
      int to = i < cuts.size() ? cuts.get(i) : values.length;
      double weights = 0;
      double mean = 0;
      for (int k = from; k < to; k++) {
        weights += 1 / (noise[k] * noise[k]);
        mean += values[k] / (noise[k] * noise[k]);
      }
      mean /= weights;
      for (int k = from; k < to; k++) {
        total += (values[k] - mean) * (values[k] - mean) / (noise[k] * noise[k]);
      }
      from = to;
    }
    return total;
  }

  /** The least cost of any cutting, by trying all. */
  private static double least(double[] values, double[] noise, double penalty, int shortest) {
    double best = Double.POSITIVE_INFINITY;
    int places = values.length - 1;
    for (int set = 0; set < 1 << places; set++) {
      int chosen = set;
      List<Integer> cuts =
          java.util.stream.IntStream.rangeClosed(1, places)
              .filter(i -> (chosen >> (i - 1) & 1) == 1)
              .boxed()
              .toList();
      if (allowed(cuts, values.length, shortest)) {
        best = Math.min(best, cost(values, noise, penalty, cuts));
      }
    }
    return best;
  }

  private static boolean allowed(List<Integer> cuts, int length, int shortest) {
    int from = 0;
    for (int cut : cuts) {
      if (cut - from < shortest) {
        return false;
      }
      from = cut;
    }
    return length - from >= shortest;
  }

  @Test
  void noCuttingIsCheaper() {
    Random random = new Random(5);
    int cutting = 0;
    for (int trial = 0; trial < 300; trial++) {
      double[] values = new double[11];
      double[] noise = new double[11];
      double level = 0;
      for (int i = 0; i < values.length; i++) {
        level += random.nextInt(4) == 0 ? 3 * random.nextGaussian() : 0;
        values[i] = level + random.nextGaussian();
        noise[i] = 0.5 + random.nextDouble();
      }
      int shortest = 1 + random.nextInt(4);
      double penalty = 6 * random.nextDouble();
      List<Integer> cuts = OptimalPartition.cuts(values, noise, penalty, shortest);
      assertTrue(allowed(cuts, values.length, shortest), cuts + " with " + shortest);
      assertEquals(
          least(values, noise, penalty, shortest),
          cost(values, noise, penalty, cuts),
          1e-9,
          Arrays.toString(values));
      cutting += cuts.size() > 1 ? 1 : 0;
    }
    assertTrue(cutting > 100, "only " + cutting + " of the series have several cuts");
  }
}
