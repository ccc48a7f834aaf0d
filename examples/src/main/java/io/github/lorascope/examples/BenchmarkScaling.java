package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.decoder.TokenBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells whether time grows with the work and with nothing else. */
@Command(
    name = "BenchmarkScaling",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times training and scoring on random weights while one thing differs, each case in turn:",
      "lengths: sequences of one length against the same tokens in sequences of 40 to 400;",
      "data: 1, 4 and 16 batches;  layers: 8, 16 and 32 of them;  weights: bf16, nf4 and nf4-double;",
      "products: those with frozen weights alone, and all that a step computes.",
      "Prints a table of the medians and of each case's speed relative to the first one's: of tokens a"
          + " second, or of tokens times layers where layers differ."
    })
public final class BenchmarkScaling implements Callable<Integer> {
  private static final int SHORTEST = 40;
  private static final int LONGEST = 400;

  /** What differs between the cases. */
  enum Subject {
    LENGTHS,
    DATA,
    LAYERS,
    WEIGHTS,
    PRODUCTS
  }

  /** What computes batches, and the decoder that is closed behind it. */
  private record Case(String name, Decoder decoder, Workload workload, List<TokenBatch> batches)
      implements AutoCloseable {
    long tokens() {
      return batches.stream().mapToLong(TokenBatch::tokens).sum();
    }

    @Override
    public void close() {
      workload.close();
      decoder.close();
    }
  }

  /** Seconds of every round. */
  private record Times(List<Double> training, List<Double> scoring) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  @Mixin private ShapeOption shape;

  @Option(
      names = "--of",
      paramLabel = "WHAT",
      required = true,
      description = "What differs: ${COMPLETION-CANDIDATES}.")
  private Subject subject;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens of each, but of ragged ones (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each case has its turn (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Mixin private ComputeOptions compute;
  @Mixin private AdapterOptions adapterOptions;

  @Spec private CommandSpec command;

  /** For picocli. */
  public BenchmarkScaling() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new BenchmarkScaling(), arguments);
  }

  @Override
  public Integer call() {
    if (batch < 1 || length < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          batch
              + " sequences of "
              + length
              + " tokens, "
              + rounds
              + " rounds: give at least 1 of each");
    }
    if (subject == Subject.WEIGHTS) {
      GivenOptions.refuse(
          command, "beside --of weights: its cases are the forms; leave it out", "--quantization");
    }
    if (subject == Subject.PRODUCTS) {
      GivenOptions.refuse(
          command,
          "beside --of products: those alone are with weights as they are; leave it out",
          "--quantization");
    }
    List<Case> cases = new ArrayList<>();
    try {
      open(cases);
      print(cases, measure(cases));
      return 0;
    } finally {
      cases.forEach(Case::close);
    }
  }

  private void open(List<Case> cases) {
    ModelConfig config = shape.read();
    LoadOptions load = compute.load();
    switch (subject) {
      case LENGTHS -> {
        List<Integer> ragged = raggedLengths();
        int all = ragged.stream().mapToInt(Integer::intValue).sum();
        List<Integer> even =
            IntStream.range(0, batch)
                .mapToObj(i -> all / batch + (i < all % batch ? 1 : 0))
                .toList();
        add(cases, "all of " + all / batch, config, load, List.of(even));
        add(cases, "from " + SHORTEST + " to " + LONGEST, config, load, List.of(ragged));
      }
      case DATA -> {
        for (int count : new int[] {1, 4, 16}) {
          add(cases, count + " x", config, load, Collections.nCopies(count, even()));
        }
      }
      case LAYERS -> {
        for (int layers : new int[] {8, 16, 32}) {
          add(cases, layers + " layers", withLayers(config, layers), load, List.of(even()));
        }
      }
      case WEIGHTS -> {
        for (Quantization form :
            List.of(Quantization.BF16, Quantization.NF4, Quantization.NF4_DOUBLE)) {
          add(cases, form.toString(), config, load.with(form), List.of(even()));
        }
      }
      case PRODUCTS -> {
        Decoder decoder = Decoder.random(config, 0, load);
        add(cases, "products alone", List.of(even()), decoder, true);
        add(cases, "all of a step", config, load, List.of(even()));
      }
    }
  }

  private List<Integer> even() {
    return Collections.nCopies(batch, length);
  }

  private List<Integer> raggedLengths() {
    SplittableRandom random = new SplittableRandom(1);
    return random.ints(batch, SHORTEST, LONGEST + 1).boxed().toList();
  }

  private void add(
      List<Case> cases,
      String name,
      ModelConfig config,
      LoadOptions load,
      List<List<Integer>> lengths) {
    add(cases, name, lengths, Decoder.random(config, 0, load), false);
  }

  private void add(
      List<Case> cases,
      String name,
      List<List<Integer>> lengths,
      Decoder decoder,
      boolean productsAlone) {
    ModelConfig config = decoder.config();
    boolean done = false;
    try {
      List<TokenBatch> batches = lengths.stream().map(l -> RandomTokens.of(config, l)).toList();
      Workload workload =
          productsAlone
              ? new FrozenProducts(decoder.backend(), config, decoder.precision())
              : new BenchmarkModel(decoder, adapterOptions, false);
      cases.add(new Case(name, decoder, workload, batches));
      done = true;
    } finally {
      if (!done) {
        decoder.close();
      }
    }
  }

  /** The same shape with another number of layers, whose windows begin again after the last. */
  private static ModelConfig withLayers(ModelConfig c, int layers) {
    List<Integer> windows =
        Stream.generate(c.windows()::stream).limit(layers).flatMap(w -> w).limit(layers).toList();
    return new ModelConfig(
        c.type(),
        c.vocabularySize(),
        c.hiddenSize(),
        c.intermediateSize(),
        layers,
        c.heads(),
        c.keyValueHeads(),
        c.headDimension(),
        c.maxPositions(),
        c.rmsNormEpsilon(),
        c.rotary(),
        windows,
        c.tiedEmbeddings(),
        c.queryKeyNorm(),
        c.queryKeyValueBias(),
        c.outputBias(),
        c.mlpBias());
  }

  /** Every case has its turn in every round; the first round is not counted. */
  private List<Times> measure(List<Case> cases) {
    List<Times> times = cases.stream().map(c -> new Times()).toList();
    for (int round = 0; round <= rounds; round++) {
      for (int i = 0; i < cases.size(); i++) {
        Case c = cases.get(i);
        double training = seconds(() -> c.batches().forEach(c.workload()::train));
        double scoring = seconds(() -> c.batches().forEach(c.workload()::score));
        if (round > 0) {
          times.get(i).training().add(training);
          times.get(i).scoring().add(scoring);
        }
      }
      ProgressLine.show("rounds", round, rounds);
    }
    return times;
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private void print(List<Case> cases, List<Times> times) {
    System.out.println(cases.get(0).decoder().backend().description());
    System.out.println(
        "| "
            + subject.name().toLowerCase(Locale.ROOT)
            + " | tokens | training, tokens/s | ratio | scoring, tokens/s | ratio |");
    System.out.println("| --- | --- | --- | --- | --- | --- |");
    double work = work(cases.get(0));
    double training = BenchmarkTraining.median(times.get(0).training()) / work;
    double scoring = BenchmarkTraining.median(times.get(0).scoring()) / work;
    for (int i = 0; i < cases.size(); i++) {
      Case c = cases.get(i);
      double train = BenchmarkTraining.median(times.get(i).training());
      double score = BenchmarkTraining.median(times.get(i).scoring());
      System.out.printf(
          Locale.ROOT,
          "| %s | %,d | %,.0f | %.2f | %,.0f | %.2f |%n",
          c.name(),
          c.tokens(),
          c.tokens() / train,
          training / (train / work(c)),
          c.tokens() / score,
          scoring / (score / work(c)));
    }
  }

  /** What time should be in proportion to: tokens, and layers where they differ. */
  private double work(Case c) {
    return (double) c.tokens() * (subject == Subject.LAYERS ? c.decoder().config().layers() : 1);
  }
}
