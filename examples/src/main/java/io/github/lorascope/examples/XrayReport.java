package io.github.lorascope.examples;

import io.github.lorascope.ablation.Ablation;
import io.github.lorascope.ablation.LayerFreezing;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.probe.LinearProbe;
import io.github.lorascope.probe.ProbeSeries;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.report.RunReport;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.AttentionTap;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.tap.Lens;
import io.github.lorascope.tap.ResidualGradientTap;
import io.github.lorascope.tap.Snapshots;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Everything at once: training, taps, probes, patching, ablation, and one page about it. */
@Command(
    name = "XrayReport",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a reranker and looks at it from all sides: gradients, attention, probes, lens, knock-out,"
          + " patching, and training groups of layers alone. The page is DIR/report.html.",
      "Started again with --resume it goes on where it was interrupted."
    })
public final class XrayReport implements Callable<Integer> {
  /** How much is done. */
  enum Preset {
    /** The bundled model and data, in full. */
    FULL,
    /** The same with fewer steps, groups and seeds. */
    QUICK,
    /** The published experiment: give it Phi-3 Mini 4k and MS MARCO's triples. */
    ARTICLE
  }

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where all is kept.")
  private Path out;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "full",
      description =
          "full: the bundled model in full; quick: fewer steps, groups and seeds; article: the"
              + " published experiment, with --model, --triples and --eval given"
              + " (default: ${DEFAULT-VALUE}).")
  private Preset preset;

  @Option(names = "--quick", description = "The same as --preset quick.")
  private boolean quick;

  @Mixin private ModelOptions model;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      description = "Training triples (default: the bundled ones).")
  private Path triples;

  @Option(
      names = "--eval",
      paramLabel = "FILE",
      description = "Triples to evaluate on and to look at (default: the bundled ones).")
  private Path eval;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Of the training; ablations use it and those after it (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private XrayOverrides overrides;

  @Option(names = "--resume", description = "Go on with what --out holds.")
  private boolean resume;

  /** For picocli. */
  public XrayReport() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new XrayReport(), arguments);
  }

  @Override
  public Integer call() {
    if (quick && preset != Preset.FULL) {
      throw new IllegalArgumentException("--quick beside --preset: give one of them");
    }
    if (isArticle() && (model.model == null || triples == null || eval == null)) {
      throw new IllegalArgumentException(
          "--preset article needs --model, --triples and --eval, such as the folder of Phi-3 Mini 4k"
              + " and MS MARCO's triples");
    }
    XrayPlan plan = overrides.applyTo(plan());
    Path trainFile = triples == null ? Bundled.trainTriples() : triples;
    Triples train =
        plan.triples() == 0
            ? Triples.tsv(trainFile)
            : Triples.sample(trainFile, plan.triples(), seed);
    Triples evaluation = HeldOut.draw(eval, plan.pairs()).triples();
    HeldOut looked = HeldOut.draw(eval, plan.probePairs());
    Quantization form = isArticle() ? Quantization.NF4_DOUBLE : Quantization.STORED;
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), model.load(form));
        Reranker base =
            Reranker.pairwise(decoder)
                .withLimits(new PromptLimits(plan.passageTokens(), plan.maxTokens()));
        LoraAdapter adapter = settings(LoraAdapter.on(decoder), base, plan).seed(seed).attach()) {
      TrainingJob job =
          new TrainingJob(
              decoder,
              base,
              adapter,
              train,
              evaluation,
              plan.training(seed),
              new RunFolder(out),
              resume,
              Optional.of(looked),
              taps(looked.pairs()));
      Optional<LayerFreezing> ablation = ablation(plan, job);
      TrainingRun run = job.run();
      if (!run.isFinished()) {
        return stopped();
      }
      Subject subject =
          Subject.of(
              decoder,
              base.withAdapter(adapter.view()),
              adapter,
              looked.pairs(),
              out,
              job.provenance());
      look(subject);
      if (ablation.isPresent()) {
        Ablation trained = LayerAblation.run(ablation.get());
        System.out.println(trained.table());
        if (!trained.isComplete()) {
          return stopped();
        }
      }
      CurveShape.look(out);
      RunReport.read(out).title("What fine-tuning did inside").write(out.resolve("report.html"));
      System.out.println("open " + out.resolve("report.html"));
      return 0;
    }
  }

  private boolean isArticle() {
    return !quick && preset == Preset.ARTICLE;
  }

  private XrayPlan plan() {
    return switch (quick ? Preset.QUICK : preset) {
      case FULL -> XrayPlan.full();
      case QUICK -> XrayPlan.quick();
      case ARTICLE -> XrayPlan.article();
    };
  }

  private int stopped() {
    System.err.printf("stopped; --out %s --resume goes on from there%n", out);
    return 130;
  }

  private static LoraAdapter.Builder settings(
      LoraAdapter.Builder builder, Reranker base, XrayPlan plan) {
    builder
        .targets(AdapterOptions.attentionInputs(base.decoder()))
        .rank(16)
        .alpha(32)
        .dropout(plan.dropout());
    return plan.zeroShotHead() ? builder.headOf(base.zeroShot()) : builder;
  }

  private static List<TrainingListener> taps(List<PairExample> pairs) {
    LinearProbe probe = LinearProbe.crossValidated(5).standardize(true).controlTask(42);
    return List.of(
        GradientTap.perLayer(),
        new ResidualGradientTap(),
        Snapshots.on(pairs)
            .attention(AttentionTap.allLayers())
            .states(HiddenStateTap.allLayers())
            .lens(),
        Lens.on(pairs),
        ProbeSeries.on(pairs).probe(probe));
  }

  /**
   * What is found of the trained model; a part that an earlier start finished is not done again.
   */
  private void look(Subject subject) {
    GradientsByLayer.look(out);
    new AttentionShift().look(subject);
    new LogitLens().look(subject);
    new StateGeometry().look(subject);
    if (!subject.has("knockout.json")) {
      new KnockOutLayers().look(subject);
    }
    if (!subject.has("patching.json")) {
      new PatchActivations().look(subject);
    }
  }

  /** Made before the training, so that groups and seeds that cannot be are refused at once. */
  private Optional<LayerFreezing> ablation(XrayPlan plan, TrainingJob job) {
    if (plan.seeds() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        LayerFreezing.of(job.reranker(), job.train(), job.evaluation().evaluationPairs())
            .groups(GroupList.parse(plan.groups(), job.decoder().config().layers()))
            .seeds(LongStream.range(seed, seed + plan.seeds()).toArray())
            .adapter(lora -> settings(lora, job.reranker(), plan))
            .options(plan.ablation(seed))
            .folder(out)
            .provenance(job.provenance())
            .listeners((group, of) -> LayerAblation.listeners())
            .build());
  }
}
