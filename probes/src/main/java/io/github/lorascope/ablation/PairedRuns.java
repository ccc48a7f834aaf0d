package io.github.lorascope.ablation;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.PairedAccuracy;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Runs of two groups, those of one seed at the same place of both lists. */
final class PairedRuns {
  private PairedRuns() {}

  /**
   * The accuracy of the second less that of the first. Of one seed it is Bonett and Price's
   * interval and McNemar's test. Of more, that of {@link CrossedMean}, but no narrower than the
   * former for one seed of as many different answers, and no surer than the signs of the pairs
   * allow: few answers that happen not to vary are no proof.
   */
  static CrossedMean difference(List<AblationRun> firsts, List<AblationRun> seconds) {
    int seeds = firsts.size();
    double[][] differences = new double[seeds][];
    double onlyFirst = 0;
    double onlySecond = 0;
    for (int s = 0; s < seeds; s++) {
      double[] less = firsts.get(s).values();
      double[] difference = seconds.get(s).values();
      for (int i = 0; i < difference.length; i++) {
        difference[i] -= less[i];
        onlyFirst += difference[i] < 0 ? 1.0 / seeds : 0;
        onlySecond += difference[i] > 0 ? 1.0 / seeds : 0;
      }
      differences[s] = difference;
    }
    CrossedMean mean = CrossedMean.of(differences);
    int items = mean.items();
    int second = (int) Math.round(onlySecond);
    int first = (int) Math.min(Math.round(onlyFirst), items - second); // halves are rounded up
    PairedAccuracy ofOne = new PairedAccuracy(items, first, second);
    if (seeds == 1) {
      return new CrossedMean(
          ofOne.difference(), ofOne.low(), ofOne.high(), ofOne.probability(), 1, items);
    }
    double[] ofItem =
        IntStream.range(0, items)
            .mapToDouble(i -> IntStream.range(0, seeds).mapToDouble(s -> differences[s][i]).sum())
            .toArray();
    return mean.within(-1, 1).atLeast(ofOne.low(), ofOne.high(), CrossedMean.signTest(ofItem));
  }

  /** Pairs to the climb of the second less those of the first, over the seeds where both climb. */
  static Optional<MeanInterval> climb(List<AblationRun> firsts, List<AblationRun> seconds) {
    double[] later =
        IntStream.range(0, firsts.size())
            .filter(s -> firsts.get(s).climbStep().isPresent())
            .filter(s -> seconds.get(s).climbStep().isPresent())
            .mapToDouble(
                s -> seconds.get(s).climbPairs().getAsInt() - firsts.get(s).climbPairs().getAsInt())
            .toArray();
    return later.length == 0 ? Optional.empty() : Optional.of(MeanInterval.of(later));
  }
}
