package io.github.lorascope.examples;

import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.report.RunReport;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.BestAdapter;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a LoRA adapter on triples. */
@Command(
    name = "TrainReranker",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a LoRA adapter that makes a language model a reranker, on MS MARCO triples.",
      "Leaves adapter/ (PEFT's form), metrics.jsonl, summary.json and report.html in the folder --out."
    })
public final class TrainReranker implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      required = true,
      description =
          "Training triples: query, positive, negative a line, tab-separated; plain or gzip.")
  private Path triples;

  @Option(
      names = "--triples-limit",
      paramLabel = "N",
      description = "Use the first N triples only.")
  private Integer triplesLimit;

  @Option(
      names = "--triples-sample",
      paramLabel = "N",
      description = "Use N triples drawn at random with the seed, from a file of any size.")
  private Integer triplesSample;

  @Option(
      names = "--eval",
      paramLabel = "FILE",
      description = "Triples to evaluate on (default: none).")
  private Path eval;

  @Option(
      names = "--eval-limit",
      paramLabel = "N",
      description = "Use the first N of them only (default: all).")
  private Integer evalLimit;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "0",
      description = "Evaluate every N steps; 0: before and after only (default: ${DEFAULT-VALUE}).")
  private int evalEvery;

  @Option(
      names = "--keep-best",
      description =
          "Keep the adapter of the best evaluation in best, beside the last one. It is chosen by the"
              + " pairs of --eval, so judge it by others.")
  private boolean keepBest;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Steps (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Pairs in one pass (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes in one step (default: ${DEFAULT-VALUE}).")
  private int accumulate;

  @Mixin private AdapterOptions adapterOptions;

  @Mixin private HeadOptions head;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      defaultValue = "1e-4",
      description = "Peak learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description = "constant, linear or cosine (default: ${DEFAULT-VALUE}).")
  private Schedule schedule;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Steps until the peak learning rate (default: a tenth of the steps, at most 100).")
  private Integer warmup;

  @Option(
      names = "--weight-decay",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "AdamW's weight decay (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      defaultValue = "1",
      description = "The most that the gradient's norm may be; 0: any (default: ${DEFAULT-VALUE}).")
  private double clip;

  @Mixin private PromptOptions prompt;

  @Option(
      names = "--recompute",
      description = "Compute layers twice: a quarter slower, for a small part of the memory.")
  private boolean recompute;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Chooses first parameters, data order and dropout (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      defaultValue = "20",
      description = "Steps from one checkpoint to the next (default: ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the run is kept.")
  private Path out;

  @Option(names = "--resume", description = "Go on with the run in --out, if it holds one.")
  private boolean resume;

  @Spec private CommandSpec command;

  /** For picocli. */
  public TrainReranker() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new TrainReranker(), arguments);
  }

  @Override
  public Integer call() {
    if (triplesSample != null) {
      GivenOptions.refuse(
          command,
          "beside --triples-sample: a sample is drawn from the whole file; give one of the two",
          "--triples-limit");
    }
    if (eval == null) {
      GivenOptions.refuse(
          command,
          "without --eval: there are no triples to evaluate on; give a file with --eval",
          "--eval-limit",
          "--eval-every",
          "--keep-best");
    }
    if (keepBest && evalEvery == 0) {
      throw new IllegalArgumentException(
          "--keep-best without --eval-every: there is nothing between the first evaluation and the"
              + " last; give --eval-every");
    }
    TrainingOptions options = options();
    Triples train = triples();
    Triples evaluation =
        eval == null ? null : evalLimit == null ? Triples.tsv(eval) : Triples.tsv(eval, evalLimit);
    RunFolder folder = new RunFolder(out);
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), model.load());
        LoraAdapter adapter = head.attach(adapterOptions, decoder, seed, prompt);
        Reranker reranker = prompt.reranker(decoder, adapter)) {
      BestAdapter best = BestAdapter.in(folder.best());
      List<TrainingListener> listeners = new ArrayList<>(TrainingJob.taps());
      if (keepBest) {
        listeners.add(best);
      }
      System.err.printf(
          "training %,d parameters of the adapter%n", options.trainedParameters(adapter));
      TrainingRun run =
          new TrainingJob(
                  decoder,
                  reranker,
                  adapter,
                  train,
                  evaluation,
                  options,
                  folder,
                  resume,
                  Optional.empty(),
                  listeners)
              .run();
      if (!run.isFinished()) {
        System.err.println("--resume goes on from there");
        return 130;
      }
      RunReport.read(out).write(out.resolve("report.html"));
      run.before().ifPresent(e -> System.out.println("accuracy before: " + e.accuracy()));
      run.after().ifPresent(e -> System.out.println("accuracy after:  " + e.accuracy()));
      if (keepBest) {
        best.step()
            .ifPresent(
                step ->
                    System.out.println(
                        "best: "
                            + folder.best()
                            + (step == 0 ? ", the untrained adapter" : ", of step " + step)));
      }
      System.out.println("run folder: " + out);
      return 0;
    }
  }

  private TrainingOptions options() {
    TrainingOptions.Builder builder =
        TrainingOptions.builder()
            .steps(steps)
            .batch(batch)
            .accumulate(accumulate)
            .learningRate(learningRate)
            .schedule(schedule)
            .weightDecay(weightDecay)
            .clip(clip)
            .seed(seed)
            .evaluateEvery(evalEvery)
            .checkpointEvery(checkpointEvery)
            .recompute(recompute)
            .trainHead(head.trained());
    return (warmup == null ? builder : builder.schedule(schedule, warmup)).build();
  }

  private Triples triples() {
    if (triplesSample != null) {
      return Triples.sample(triples, triplesSample, seed);
    }
    return triplesLimit == null ? Triples.tsv(triples) : Triples.tsv(triples, triplesLimit);
  }
}
