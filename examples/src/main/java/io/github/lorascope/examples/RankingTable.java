package io.github.lorascope.examples;

import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.PairedDifference;
import io.github.lorascope.metric.RankingMeasure;
import io.github.lorascope.ranking.Aggregation;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What each strategy makes of the same answers: its quality, and how many of them it asks for. */
final class RankingTable {
  private static final RankingMeasure NDCG = RankingMeasure.of("ndcg_cut_10");
  private static final RankingMeasure MRR = RankingMeasure.of("recip_rank_cut_10");
  private static final String LINE = "| %-44s | %7s | %7s | %7s | %-26s | %7s | %10s | %9s |%n";

  private final List<AnsweredQuery> queries;
  private final long seed;
  private final List<List<Integer>> starts;
  private final List<Row> rows = new ArrayList<>();
  private final AnswerSummary answers = new AnswerSummary();

  /** The means of one way to rank. */
  private record Row(
      String name,
      double asked,
      long atMost,
      double ndcg,
      PairedDifference against,
      double mrr,
      double confidence,
      double ndcgFromFirstStage) {}

  RankingTable(List<AnsweredQuery> queries, int wanted, long seed) {
    this.queries = queries;
    this.seed = seed;
    Random random = new Random(seed); // one for all: another order for each query
    this.starts = queries.stream().map(query -> query.shuffled(random)).toList();
    queries.forEach(query -> answers.add(query.all()));
    int items = queries.get(0).candidates().passages().size();
    Ranker all = Ranker.of(RankingStrategy.allPairs()).withWanted(wanted);
    double[] best = new double[queries.size()];
    for (int i = 0; i < best.length; i++) {
      best[i] = ndcg(i, all);
    }
    rows.add(row("the order to begin with", all.withBudget(0), best));
    rankers(wanted, items).forEach((name, ranker) -> rows.add(row(name, ranker, best)));
  }

  private static Map<String, Ranker> rankers(int wanted, int items) {
    Aggregation strengths = Aggregation.bradleyTerry();
    Ranker all = Ranker.of(RankingStrategy.allPairs()).withWanted(wanted);
    Ranker heapsort = Ranker.of(RankingStrategy.heapsort()).withWanted(wanted);
    Ranker tournament = Ranker.of(RankingStrategy.tournament()).withWanted(wanted);
    Map<String, Ranker> rankers = new LinkedHashMap<>();
    rankers.put("all pairs, mean P", all);
    rankers.put("all pairs, Copeland", all.withAggregation(Aggregation.copeland()));
    rankers.put("all pairs, Bradley-Terry", all.withAggregation(strengths));
    rankers.put("all pairs in one position, mean P", all.inOnePosition());
    for (int rounds : new int[] {8, 4, 2}) {
      Ranker bounded = all.withBudget((long) rounds * items);
      rankers.put("all pairs, budget " + rounds * items + ", mean P", bounded);
      rankers.put(
          "all pairs, budget " + rounds * items + ", Bradley-Terry",
          bounded.withAggregation(strengths));
    }
    rankers.put("heapsort", heapsort);
    rankers.put("heapsort, Bradley-Terry", heapsort.withAggregation(strengths));
    rankers.put("heapsort in one position", heapsort.inOnePosition());
    for (int passes : new int[] {1, 3, wanted}) {
      rankers.put(
          "sliding window, passes: " + passes,
          Ranker.of(RankingStrategy.slidingWindow(passes)).withWanted(wanted));
    }
    rankers.put("tournament", tournament);
    rankers.put("tournament, Bradley-Terry", tournament.withAggregation(strengths));
    rankers.put("tournament in one position", tournament.inOnePosition());
    return rankers;
  }

  private double ndcg(int i, Ranker ranker) {
    AnsweredQuery query = queries.get(i);
    List<Integer> start = starts.get(i);
    return query.measure(NDCG, query.rank(ranker, start).order(), start);
  }

  private Row row(String name, Ranker ranker, double[] best) {
    int n = queries.size();
    double[] ndcg = new double[n];
    double asked = 0;
    double mrr = 0;
    double confidence = 0;
    double fromFirstStage = 0;
    for (int i = 0; i < n; i++) {
      AnsweredQuery query = queries.get(i);
      List<Integer> start = starts.get(i);
      Ranking ranking = query.rank(ranker, start);
      ndcg[i] = query.measure(NDCG, ranking.order(), start);
      asked += (double) ranking.asked() / n;
      mrr += query.measure(MRR, ranking.order(), start) / n;
      confidence += ranking.confidence().whole() / n;
      List<Integer> found = query.asFound();
      fromFirstStage += query.measure(NDCG, query.rank(ranker, found).order(), found) / n;
    }
    return new Row(
        name,
        asked,
        ranker.questions(queries.get(0).candidates().passages().size()),
        MeanInterval.of(ndcg).mean(),
        PairedDifference.of(ndcg, best, seed),
        mrr,
        confidence,
        fromFirstStage);
  }

  void print() {
    System.out.printf(
        LINE,
        "strategy",
        "pairs",
        "at most",
        "nDCG@10",
        "against the first of all",
        "MRR@10",
        "confidence",
        "from BM25");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (Row row : rows) {
      System.out.printf(
          LINE,
          row.name,
          number("%.1f", row.asked),
          row.atMost,
          number("%.3f", row.ndcg),
          String.format(
              Locale.ROOT,
              "%+.3f [%+.3f, %+.3f]",
              row.against.difference(),
              row.against.low(),
              row.against.high()),
          number("%.3f", row.mrr),
          number("%.3f", row.confidence),
          number("%.3f", row.ndcgFromFirstStage));
    }
    System.out.println();
    System.out.println("all pairs: " + answers.text());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** Everything that is printed. */
  Map<String, Object> values() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("strategy", row.name);
      values.put("asked", row.asked);
      values.put("at_most", row.atMost);
      values.put("ndcg_cut_10", row.ndcg);
      values.put("difference", row.against.difference());
      values.put("interval", List.of(row.against.low(), row.against.high()));
      values.put("recip_rank_cut_10", row.mrr);
      values.put("confidence", row.confidence);
      values.put("ndcg_cut_10_from_bm25", row.ndcgFromFirstStage);
      list.add(values);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("queries", queries.size());
    values.put("rows", list);
    MeanInterval bias = answers.bias();
    values.put("position_bias", orNull(bias.mean()));
    values.put("position_bias_interval", Arrays.asList(orNull(bias.low()), orNull(bias.high())));
    values.put("flips", orNull(answers.flips().accuracy()));
    values.put("cycles", orNull(answers.cycles().accuracy()));
    return values;
  }

  /** One query has no interval, and two passages have no cycle. */
  private static Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
