package io.github.lorascope.trec;

import io.github.lorascope.metric.JudgedRanking;
import io.github.lorascope.metric.RankingMeasure;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run measured against judgments, query by query, as trec_eval does.
 *
 * <pre>{@code
 * RunFile bm25 = RunFile.scan(Path.of("bm25.run"));
 * List<RankingMeasure> measures = RankingMeasure.of(List.of("ndcg_cut_10", "recip_rank_cut_10"));
 * RunEvaluation evaluation = RunEvaluation.of(Qrels.read(Path.of("qrels.txt")), bm25, measures);
 * System.out.println(evaluation.mean());
 * }</pre>
 */
public final class RunEvaluation {
  private final List<RankingMeasure> measures;
  private final Map<String, double[]> values;

  private RunEvaluation(List<RankingMeasure> measures, Map<String, double[]> values) {
    this.measures = List.copyOf(measures);
    this.values = values;
  }

  /**
   * Measures the queries that both files have, which is what trec_eval's means are over; a level of
   * 1 or more is relevant.
   *
   * @param qrels the judgments
   * @param run the run; its queries without judgments are passed over
   * @param measures what to measure
   * @return the values
   * @throws TrecException if the files have no query in common
   * @throws io.github.lorascope.io.FileReadException if a document comes twice in a query of the
   *     run
   */
  public static RunEvaluation of(Qrels qrels, RunFile run, List<RankingMeasure> measures) {
    return of(qrels, run, measures, 1);
  }

  /**
   * Measures the queries that both files have.
   *
   * @param qrels the judgments
   * @param run the run; its queries without judgments are passed over
   * @param measures what to measure
   * @param level the least level that is relevant, as trec_eval's option -l; nDCG weighs the levels
   *     and does not ask. TREC's Deep Learning tracks count 2 and more for passages.
   * @return the values
   * @throws TrecException if the files have no query in common
   * @throws io.github.lorascope.io.FileReadException if a document comes twice in a query of the
   *     run
   * @throws IllegalArgumentException if the level is less than 1
   */
  public static RunEvaluation of(
      Qrels qrels, RunFile run, List<RankingMeasure> measures, int level) {
    Map<String, double[]> values = new LinkedHashMap<>();
    try (RunReader reader = run.open()) {
      for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
        Map<String, Integer> judged = qrels.of(of.query());
        if (!judged.isEmpty()) {
          values.put(of.query(), values(of, judged, measures, level));
        }
      }
    }
    if (values.isEmpty()) {
      throw new TrecException(
          run.path()
              + " has no query that "
              + qrels.path()
              + " has judgments for (their first ones are "
              + run.queries().iterator().next()
              + " and "
              + qrels.queries().iterator().next()
              + "); give files of the same queries");
    }
    return new RunEvaluation(measures, values);
  }

  private static double[] values(
      QueryRanking of, Map<String, Integer> judged, List<RankingMeasure> measures, int level) {
    int[] ranked = of.documents().stream().mapToInt(d -> judged.getOrDefault(d.id(), 0)).toArray();
    int[] levels = judged.values().stream().mapToInt(Integer::intValue).toArray();
    JudgedRanking ranking = new JudgedRanking(ranked, levels, level);
    return measures.stream().mapToDouble(measure -> measure.of(ranking)).toArray();
  }

  /**
   * Returns the same with every judged query that the run lacks as 0 in each measure, as
   * trec_eval's option -c has it.
   *
   * @param qrels the judgments
   * @return the values of all judged queries, in the order of the judgments
   */
  public RunEvaluation overAllJudged(Qrels qrels) {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (String query : qrels.queries()) {
      all.put(query, values.getOrDefault(query, new double[measures.size()]));
    }
    return new RunEvaluation(measures, all);
  }

  /**
   * Returns what was measured.
   *
   * @return the measures, in the order in which they were given
   */
  public List<RankingMeasure> measures() {
    return measures;
  }

  /**
   * Returns all values.
   *
   * @return by query id the values by the measure's name
   */
  public Map<String, Map<String, Double>> perQuery() {
    Map<String, Map<String, Double>> perQuery = new LinkedHashMap<>();
    values.forEach((query, ofQuery) -> perQuery.put(query, named(ofQuery)));
    return perQuery;
  }

  /**
   * Returns the means over the queries.
   *
   * @return the mean by the measure's name
   */
  public Map<String, Double> mean() {
    double[] means = new double[measures.size()];
    for (double[] ofQuery : values.values()) {
      for (int i = 0; i < means.length; i++) {
        means[i] += ofQuery[i];
      }
    }
    return named(Arrays.stream(means).map(sum -> sum / values.size()).toArray());
  }

  /** The values of one measure of some of the queries. */
  double[] values(String measure, List<String> queries) {
    int place = measures.stream().map(RankingMeasure::name).toList().indexOf(measure);
    return queries.stream().mapToDouble(query -> values.get(query)[place]).toArray();
  }

  /** The queries that another evaluation has as well, in an order that no file decides. */
  List<String> queriesIn(RunEvaluation other) {
    return values.keySet().stream().filter(other.values::containsKey).sorted().toList();
  }

  /**
   * Counts the queries.
   *
   * @return how many were measured, at least 1
   */
  public int size() {
    return values.size();
  }

  private Map<String, Double> named(double[] row) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int i = 0; i < row.length; i++) {
      named.put(measures.get(i).name(), row[i]);
    }
    return Collections.unmodifiableMap(named);
  }
}
