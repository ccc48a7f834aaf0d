package io.github.lorascope.trec;

import io.github.lorascope.metric.PairedDifference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One measure of two runs, over the queries that were measured in both.
 *
 * @param mean mean of the run
 * @param against mean of the run that it is compared with
 * @param difference the first less the second, with its uncertainty
 */
public record RunComparison(double mean, double against, PairedDifference difference) {
  /**
   * Compares two runs in each measure.
   *
   * @param run the run
   * @param against what it is compared with, such as its first stage; of the same measures, in
   *     whatever order
   * @param seed chooses the draws of interval and test
   * @return the comparison by the measure's name, in the order of the run's measures
   * @throws IllegalArgumentException if the measures of the two are others
   * @throws TrecException if no query was measured in both
   */
  public static Map<String, RunComparison> of(RunEvaluation run, RunEvaluation against, long seed) {
    if (!run.mean().keySet().equals(against.mean().keySet())) {
      throw new IllegalArgumentException("the two runs were measured in different ways");
    }
    List<String> queries = run.queriesIn(against);
    if (queries.isEmpty()) {
      throw new TrecException(
          "the two runs have no judged query in common; give runs of the same queries");
    }
    Map<String, RunComparison> comparisons = new LinkedHashMap<>();
    for (String measure : run.mean().keySet()) {
      double[] first = run.values(measure, queries);
      double[] second = against.values(measure, queries);
      comparisons.put(
          measure,
          new RunComparison(
              Arrays.stream(first).average().orElseThrow(),
              Arrays.stream(second).average().orElseThrow(),
              PairedDifference.of(first, second, seed)));
    }
    return comparisons;
  }
}
