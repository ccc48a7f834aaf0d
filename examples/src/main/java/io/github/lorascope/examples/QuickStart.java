package io.github.lorascope.examples;

import io.github.lorascope.data.Triple;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.report.RunReport;
import io.github.lorascope.rerank.RankedPassage;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A small, real fine-tuning from beginning to end, on the bundled model and triples. */
@Command(
    name = "QuickStart",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Turns the bundled language model into a reranker on bundled triples, in minutes on a CPU, and reports it.")
public final class QuickStart implements Callable<Integer> {
  private static final int EVALUATION_PAIRS = 400;
  private static final int PASSAGE_TOKENS = 32;
  private static final int MOST_PASSAGES = 6;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the run is kept (default: the first of runs/quickstart, runs/quickstart-2, … that is free).")
  private Path out;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "200",
      description = "Steps of 16 pairs (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Chooses first parameters and data order (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Evaluate every N steps too; 0: before and after only (default: ${DEFAULT-VALUE}).")
  private int evalEvery;

  @Option(names = "--resume", description = "Go on with the run in --out, if it holds one.")
  private boolean resume;

  @Mixin private ModelOptions model;

  /** For picocli. */
  public QuickStart() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new QuickStart(), arguments);
  }

  @Override
  public Integer call() {
    if (resume && out == null) {
      throw new IllegalArgumentException(
          "--resume needs --out, the folder of the run to go on with");
    }
    TrainingOptions options =
        TrainingOptions.builder()
            .steps(steps)
            .batch(16)
            .learningRate(1e-3)
            .schedule(Schedule.LINEAR, 10)
            .clip(1)
            .seed(seed)
            .evaluateEvery(evalEvery)
            .build();
    Triples train = Triples.tsv(Bundled.trainTriples());
    Triples evaluation = HeldOut.draw(null, EVALUATION_PAIRS).triples();
    Path folder = out == null ? freeFolder() : out;
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), model.load());
        Reranker base = Reranker.pairwise(decoder).withLimits(new PromptLimits(PASSAGE_TOKENS, 0));
        LoraAdapter adapter =
            LoraAdapter.on(decoder)
                .targets(AdapterOptions.attentionInputs(decoder))
                .rank(16)
                .alpha(32)
                .seed(seed)
                .attach()) {
      System.out.printf(
          Locale.ROOT,
          "%s, %d layers, LoRA r=16 on %s: %,d parameters to train; %,d training triples%n",
          decoder.name().orElseThrow(),
          decoder.config().layers(),
          String.join(", ", AdapterOptions.attentionInputs(decoder)),
          adapter.parameters().columns(),
          train.size());
      Question question = Question.of(Triples.tsv(Bundled.devTriples()).list());
      Reranker reranker = base.withAdapter(adapter.view());
      List<RankedPassage> before = reranker.rank(question.query(), question.passages());

      TrainingRun run =
          new TrainingJob(
                  decoder,
                  base,
                  adapter,
                  train,
                  evaluation,
                  options,
                  new RunFolder(folder),
                  resume,
                  Optional.empty(),
                  TrainingJob.taps())
              .run();
      if (!run.isFinished()) {
        System.err.printf("--out %s --resume goes on from there%n", folder);
        return 130;
      }

      List<RankedPassage> after = reranker.rank(question.query(), question.passages());
      RunReport.read(folder)
          .table(
              "One query before and after (* answers it): " + question.query(),
              List.of("Place", "Before", "After"),
              rows(question, before, after))
          .write(folder.resolve("report.html"));
      print(run, question, before, after, folder);
      return 0;
    }
  }

  private static void print(
      TrainingRun run,
      Question question,
      List<RankedPassage> before,
      List<RankedPassage> after,
      Path folder) {
    Proportion first = run.before().orElseThrow().accuracy();
    Proportion last = run.after().orElseThrow().accuracy();
    System.out.println();
    System.out.println("accuracy before: " + first);
    System.out.println("accuracy after:  " + last);
    System.out.printf(
        Locale.ROOT,
        "%,d pairs, %,d tokens in %.0f s: %,.0f tokens/s%n",
        run.pairs(),
        run.tokens(),
        run.seconds(),
        run.tokensPerSecond());
    System.out.println();
    System.out.println("query: " + question.query() + " (* answers it)");
    System.out.println("  before:");
    printRanking(question, before);
    System.out.println("  after:");
    printRanking(question, after);
    System.out.println();
    System.out.println("run folder: " + folder + " (open " + folder.resolve("report.html") + ")");
  }

  private static void printRanking(Question question, List<RankedPassage> ranking) {
    ranking.forEach(passage -> System.out.println("    " + question.line(passage, 90)));
  }

  private static List<List<String>> rows(
      Question question, List<RankedPassage> before, List<RankedPassage> after) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      rows.add(
          List.of(
              Integer.toString(i + 1),
              question.line(before.get(i), 160),
              question.line(after.get(i), 160)));
    }
    return rows;
  }

  /** A query, some passages, and which of them answer it. */
  private record Question(String query, List<String> passages, Set<String> relevant) {
    /** The query with most passages among the triples. */
    static Question of(List<Triple> triples) {
      Map<String, Set<String>> passages = new LinkedHashMap<>();
      for (Triple triple : triples) {
        Set<String> some = passages.computeIfAbsent(triple.query(), q -> new LinkedHashSet<>());
        some.add(triple.negative());
        some.add(triple.positive());
      }
      String query =
          Collections.max(passages.entrySet(), Comparator.comparingInt(e -> e.getValue().size()))
              .getKey();
      Set<String> relevant =
          triples.stream()
              .filter(triple -> triple.query().equals(query))
              .map(Triple::positive)
              .collect(Collectors.toSet());
      return new Question(
          query, passages.get(query).stream().limit(MOST_PASSAGES).toList(), relevant);
    }

    String line(RankedPassage passage, int length) {
      return String.format(
          Locale.ROOT,
          "%.3f %s %s",
          passage.score(),
          relevant.contains(passage.passage()) ? "*" : " ",
          Excerpt.of(passage.passage(), length));
    }
  }

  private static Path freeFolder() {
    Path folder = Path.of("runs", "quickstart");
    for (int i = 2; Files.exists(folder); i++) {
      folder = Path.of("runs", "quickstart-" + i);
    }
    return folder;
  }
}
