package io.github.lorascope.examples;

import io.github.lorascope.data.RunTriples;
import io.github.lorascope.trec.Qrels;
import io.github.lorascope.trec.RunFile;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes triples to train on of a first stage's run and judgments. */
@Command(
    name = "MakeTriples",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes triples to train on of a run, such as Bm25Run's, and judgments.",
      "Each relevant passage stands beside passages that the run has and nobody judged relevant: what the"
          + " reranker is later to tell apart."
    })
public final class MakeTriples implements Callable<Integer> {
  @Option(
      names = "--run",
      paramLabel = "FILE",
      required = true,
      description = "The first stage: query, Q0, document, rank, score, tag a line.")
  private Path runFile;

  @Option(
      names = "--qrels",
      paramLabel = "FILE",
      required = true,
      description =
          "Relevance judgments: query, iteration, document, relevance a line, or those of BEIR.")
  private Path qrels;

  @Mixin private TextOptions texts;

  @Option(
      names = "--from",
      paramLabel = "PLACE",
      defaultValue = "1",
      description =
          "First place of the run that irrelevant passages are drawn from; a later one leaves out"
              + " relevant ones that nobody judged (default: ${DEFAULT-VALUE}).")
  private int from;

  @Option(
      names = "--to",
      paramLabel = "PLACE",
      defaultValue = "100",
      description = "The last such place (default: ${DEFAULT-VALUE}).")
  private int to;

  @Option(
      names = "--negatives",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Irrelevant passages beside each relevant one, at most (default: ${DEFAULT-VALUE}).")
  private int negatives;

  @Option(
      names = "--relevance-level",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "The least level that is relevant; what is judged lower but above 0 is left out (default:"
              + " ${DEFAULT-VALUE}).")
  private int level;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Chooses the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description =
          "The triples to write, packed where the name ends in .gz; replaced if it exists.")
  private Path out;

  /** For picocli. */
  public MakeTriples() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new MakeTriples(), arguments);
  }

  @Override
  public Integer call() {
    InputGuard.check("--out", out, runFile, qrels, texts.collection, texts.queries);
    RunTriples.Made made =
        RunTriples.of(RunFile.scan(runFile, ProgressLine.reading(runFile)), Qrels.read(qrels))
            .passages(texts.collection)
            .queries(texts.queries)
            .places(from, to)
            .negatives(negatives)
            .relevanceLevel(level)
            .seed(seed)
            .progress(ProgressLine.reading(texts.collection))
            .write(out);
    System.out.printf(
        Locale.ROOT,
        "triples: %s (triples: %,d, queries: %,d, queries of the run that give none: %,d)%n",
        out,
        made.triples(),
        made.queries(),
        made.leftOut());
    return 0;
  }
}
