package io.github.lorascope.examples;

import io.github.lorascope.ablation.Ablation;
import io.github.lorascope.ablation.LayerFreezing;
import io.github.lorascope.ablation.LayerGroup;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.ProgressBar;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which layers have to be trained? */
@Command(
    name = "LayerAblation",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    defaultValueProvider = LayerAblation.PassageTokens.class,
    description = {
      "Trains groups of layers from scratch, several seeds each, and says which differ by more than noise.",
      "What --out holds is not trained again; an interrupted training goes on."
    })
public final class LayerAblation implements Callable<Integer> {
  private static final int EVALUATION_PAIRS = 400;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/ablation",
      description = "Where ablation.json and the trainings are kept (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--groups",
      paramLabel = "LIST",
      description =
          "Such as all,middle,mine=0,2,12-17 (default: late, early+middle, all, middle and early).")
  private String groups;

  @Option(
      names = "--seeds",
      paramLabel = "S",
      defaultValue = "3",
      description =
          "Trainings of each group, with the seeds 0 to S - 1 (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "200",
      description = "Steps of each training (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Pairs in one step (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      defaultValue = "1e-3",
      description =
          "Peak learning rate, after 10 steps, falling in a line (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--rank",
      paramLabel = "R",
      defaultValue = "16",
      description =
          "Rank of the paths on queries, keys and values, with an alpha of twice that"
              + " (default: ${DEFAULT-VALUE}).")
  private int rank;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      description =
          "Training triples: query, positive, negative a line, tab-separated; plain or gzip"
              + " (default: the bundled ones).")
  private Path triples;

  @Option(
      names = "--eval",
      paramLabel = "FILE",
      description = "Triples to evaluate on (default: 400 of the bundled ones).")
  private Path eval;

  @Option(
      names = "--eval-limit",
      paramLabel = "N",
      description = "Use N of them only: the first of --eval, or drawn from the bundled ones.")
  private Integer evalLimit;

  @Mixin private HeadOptions head;

  @Mixin private PromptOptions prompt;

  @Mixin private ModelOptions model;

  /** For picocli. */
  public LayerAblation() {}

  /** Cuts passages as QuickStart does unless asked otherwise. */
  static final class PassageTokens implements IDefaultValueProvider {
    @Override
    public String defaultValue(ArgSpec argument) {
      return argument instanceof OptionSpec option
              && List.of(option.names()).contains("--passage-tokens")
          ? "32"
          : null;
    }
  }

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new LayerAblation(), arguments);
  }

  @Override
  public Integer call() {
    TrainingOptions options =
        TrainingOptions.builder()
            .steps(steps)
            .batch(batch)
            .learningRate(learningRate)
            .schedule(Schedule.LINEAR, 10)
            .trainHead(head.trained())
            .build();
    Triples train = Triples.tsv(triples == null ? Bundled.trainTriples() : triples);
    Triples evaluation = evaluation();
    TrainingJob.warnOfOverlap(train, evaluation);
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), model.load());
        Reranker reranker = prompt.reranker(decoder)) {
      int depth = decoder.config().layers();
      LayerFreezing freezing =
          LayerFreezing.of(reranker, train, evaluation.evaluationPairs())
              .groups(groups == null ? LayerGroup.standard(depth) : GroupList.parse(groups, depth))
              .seeds(LongStream.range(0, seeds).toArray())
              .adapter(
                  lora ->
                      head.startingIn(
                          lora.targets(AdapterOptions.attentionInputs(decoder))
                              .rank(rank)
                              .alpha(2.0 * rank),
                          reranker))
              .options(options)
              .listeners((group, seed) -> listeners())
              .folder(out)
              .build();
      Ablation ablation = run(freezing);
      System.out.print(ablation.table());
      if (!ablation.isComplete()) {
        System.err.println("stopped; the same command goes on from there");
        return 130;
      }
      System.out.println();
      System.out.println("ablation: " + out.resolve(Ablation.FILE_NAME));
      return 0;
    }
  }

  private Triples evaluation() {
    if (eval == null) {
      return HeldOut.draw(null, evalLimit == null ? EVALUATION_PAIRS : evalLimit).triples();
    }
    return evalLimit == null ? Triples.tsv(eval) : Triples.tsv(eval, evalLimit);
  }

  /** Trains to the end, or to an interrupt. */
  static Ablation run(LayerFreezing freezing) {
    StopOnInterrupt hook = StopOnInterrupt.of(freezing::stop);
    try {
      return freezing.run();
    } finally {
      hook.end();
    }
  }

  static List<TrainingListener> listeners() {
    List<TrainingListener> listeners = new ArrayList<>(TrainingJob.taps());
    listeners.add(ProgressBar.standard());
    return listeners;
  }
}
