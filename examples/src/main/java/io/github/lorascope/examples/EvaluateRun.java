package io.github.lorascope.examples;

import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.metric.PairedDifference;
import io.github.lorascope.metric.RankingMeasure;
import io.github.lorascope.trec.Qrels;
import io.github.lorascope.trec.RunComparison;
import io.github.lorascope.trec.RunEvaluation;
import io.github.lorascope.trec.RunFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures a TREC run, alone or beside another. */
@Command(
    name = "EvaluateRun",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures a TREC run as trec_eval does, and under its names; recip_rank_cut_k is MRR@k: recip_rank"
          + " of the first k documents.",
      "Means are over the queries that both files have. Files may be plain or gzip."
    })
public final class EvaluateRun implements Callable<Integer> {
  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      required = true,
      description =
          "Relevance judgments: query, iteration, document, relevance a line, or those of BEIR.")
  private Path qrelsFile;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      required = true,
      description = "The run: query, Q0, document, rank, score, tag a line.")
  private Path runFile;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description =
          "Another run, such as the first stage: prints both, their difference, its paired bootstrap"
              + " interval of 95%% and the p of a randomization test.")
  private Path againstFile;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all values: per_query and mean, and with --against those of the other.")
  private Path json;

  @Option(
      names = "--measures",
      paramLabel = "NAMES",
      split = ",",
      defaultValue =
          "map,recip_rank,recip_rank_cut_10,P_5,P_10,recall_10,recall_20,recall_100,ndcg,ndcg_cut_5,"
              + "ndcg_cut_10,ndcg_cut_20,success_1,success_5,success_10",
      description = "What to measure, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<String> measureNames;

  @Option(
      names = "--relevance-level",
      paramLabel = "N",
      description =
          "The least level that is relevant, as trec_eval -l, for all measures but nDCG (default: 1;"
              + " TREC's Deep Learning tracks count 2 for passages).")
  private Integer level;

  @Option(
      names = "--all-judged",
      description =
          "Means over all judged queries, as trec_eval -c and MS MARCO's own script: one that the run"
              + " lacks counts as 0.")
  private boolean allJudged;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Chooses the draws of interval and test (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** For picocli. */
  public EvaluateRun() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new EvaluateRun(), arguments);
  }

  @Override
  public Integer call() {
    InputGuard.check("--json", json, qrelsFile, runFile, againstFile);
    List<RankingMeasure> measures = RankingMeasure.of(measureNames);
    Qrels qrels = Qrels.read(qrelsFile);
    RunEvaluation run = evaluate(qrels, runFile, measures);
    if (level == null && qrels.highestLevel() > 1) {
      System.err.println(
          qrelsFile
              + " has levels up to "
              + qrels.highestLevel()
              + "; from 1 on is relevant, but for nDCG (--relevance-level)");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("relevance_level", level == null ? 1 : level);
    values.putAll(values(run));
    if (againstFile == null) {
      print(run);
    } else {
      RunEvaluation against = evaluate(qrels, againstFile, measures);
      Map<String, RunComparison> comparisons = RunComparison.of(run, against, seed);
      print(comparisons);
      values.put("against", values(against));
      values.put("comparison", comparison(comparisons));
    }
    if (json != null) {
      AtomicFiles.writeString(json, Json.writePretty(values));
    }
    return 0;
  }

  private RunEvaluation evaluate(Qrels qrels, Path file, List<RankingMeasure> measures) {
    RunFile run = RunFile.scan(file, ProgressLine.reading(file));
    RunEvaluation both = RunEvaluation.of(qrels, run, measures, level == null ? 1 : level);
    int lacking = qrels.queries().size() - both.size();
    int unjudged = run.queries().size() - both.size();
    if (lacking > 0 || unjudged > 0) {
      System.err.println(
          file
              + ": "
              + both.size()
              + " queries are judged and retrieved for, "
              + lacking
              + " judged alone, "
              + unjudged
              + " retrieved for alone");
    }
    return allJudged ? both.overAllJudged(qrels) : both;
  }

  private static Map<String, Object> values(RunEvaluation evaluation) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("n", evaluation.size());
    values.put("per_query", evaluation.perQuery());
    values.put("mean", evaluation.mean());
    return values;
  }

  private static Map<String, Object> comparison(Map<String, RunComparison> comparisons) {
    Map<String, Object> values = new LinkedHashMap<>();
    comparisons.forEach(
        (name, of) -> {
          PairedDifference difference = of.difference();
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("run", of.mean());
          row.put("against", of.against());
          row.put("difference", difference.difference());
          row.put("interval", List.of(difference.low(), difference.high()));
          row.put("p", difference.probability());
          row.put("n", difference.n());
          values.put(name, row);
        });
    return values;
  }

  /** In trec_eval's columns. */
  private static void print(RunEvaluation run) {
    System.out.println(String.format(Locale.ROOT, "%-22s\tall\t%d", "num_q", run.size()));
    run.mean()
        .forEach(
            (name, value) ->
                System.out.println(String.format(Locale.ROOT, "%-22s\tall\t%6.4f", name, value)));
  }

  private static void print(Map<String, RunComparison> comparisons) {
    System.out.printf(
        Locale.ROOT,
        "%-18s %8s %8s %11s  %-20s %s%n",
        "measure",
        "run",
        "against",
        "difference",
        "interval of 95%",
        "p");
    comparisons.forEach(
        (name, of) ->
            System.out.printf(
                Locale.ROOT,
                "%-18s %8.4f %8.4f %+11.4f  [%+.4f, %+.4f]   %.4f%n",
                name,
                of.mean(),
                of.against(),
                of.difference().difference(),
                of.difference().low(),
                of.difference().high(),
                of.difference().probability()));
    System.out.println(
        "over the "
            + comparisons.values().iterator().next().difference().n()
            + " judged queries of both runs");
  }
}
