package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.rerank.RunReranking;
import io.github.lorascope.trec.RunFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reranks the first documents of each query of a TREC run. */
@Command(
    name = "RerankRun",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reranks the first documents of each query of a TREC run with a pairwise reranker; those behind"
          + " them keep their order.",
      "Interrupted, it keeps the queries that are done in OUT.partial, and the same command goes on."
          + " Files may be plain or gzip."
    })
public final class RerankRun implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = "--run",
      paramLabel = "FILE",
      required = true,
      description = "The run of the first stage: query, Q0, document, rank, score, tag a line.")
  private Path runFile;

  @Mixin private TextOptions texts;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "20",
      description =
          "How many documents of each query are reranked; all-pairs asks K (K - 1) questions about"
              + " each (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Mixin private RankingOptions ranking;

  @Mixin private AnswerOptions answers;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The run to write; replaced if it exists.")
  private Path out;

  @Option(
      names = "--tag",
      paramLabel = "NAME",
      defaultValue = "lorascope",
      description = "The last column of the run (default: ${DEFAULT-VALUE}).")
  private String tag;

  /** For picocli. */
  public RerankRun() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new RerankRun(), arguments);
  }

  @Override
  public Integer call() {
    InputGuard.check("--out", out, runFile, texts.collection, texts.queries);
    RerankBar bar = RerankBar.standard();
    Path folder = model.modelOrBundled();
    InputGuard.check("--out", out, folder);
    InputGuard.check("--out", out, answers.files());
    RunFile run = RunFile.scan(runFile, ProgressLine.reading(runFile));
    if (run.ranksAgainstScores() > 0.5) {
      System.err.println(
          "warning: the ranks of "
              + runFile
              + " say another order than its scores, which alone count: give scores that fall with"
              + " the rank if the ranks are meant");
    }
    RunReranking reranking =
        RunReranking.of(run)
            .passages(texts.collection)
            .queries(texts.queries)
            .topK(topK)
            .ranker(ranking.ranker())
            .tag(tag)
            .listen(bar);
    try (Decoder decoder = Decoder.load(folder, model.load());
        LoraAdapter adapter = answers.load(decoder);
        Reranker reranker = answers.reranker(decoder, adapter)) {
      reranking.settings(FolderDigest.of("model", folder));
      if (adapter != null) {
        reranking.settings(FolderDigest.of("adapter", answers.adapter()));
      }
      return rerank(reranking, reranker, bar);
    }
  }

  private int rerank(RunReranking reranking, Reranker reranker, RerankBar bar) {
    StopOnInterrupt hook = StopOnInterrupt.of(reranking::stop);
    try {
      if (reranking.run(reranker, out)) {
        System.err.println(bar.summary());
        System.out.println("run: " + out);
        return 0;
      }
      System.err.println("stopped; the same command goes on");
      return 1;
    } finally {
      hook.end();
    }
  }
}
