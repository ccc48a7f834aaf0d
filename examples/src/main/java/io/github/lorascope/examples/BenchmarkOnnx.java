package io.github.lorascope.examples;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.onnx.OnnxForm;
import io.github.lorascope.onnx.OnnxOptions;
import io.github.lorascope.onnx.OnnxReranker;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PairScorer;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares a reranker with what its ONNX models do in ONNX Runtime. */
@Command(
    name = "BenchmarkOnnx",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Exports a reranker to ONNX and compares size, time to load and pairs a second with its own, in"
          + " turn.",
      "Prints one JSON line for each: medians, and the largest difference of a logit from float32's."
    })
public final class BenchmarkOnnx implements Callable<Integer> {
  /** How a side is made ready; what it holds is closed with it. */
  private interface Side extends AutoCloseable {
    PairScorer scorer();

    @Override
    void close();
  }

  private interface Opener {
    Side open();
  }

  private record Contestant(Path files, Opener opener) {}

  private record Times(List<Double> load, List<Double> score) {
    Times() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private static final String YARDSTICK = "lorascope-f32";

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Hugging Face folder, GGUF file or hub name (org/name) of the base model (default: the"
              + " bundled one).")
  private String modelName;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      required = true,
      description = "PEFT folder of the adapter.")
  private Path adapterFolder;

  @Option(
      names = "--triples",
      paramLabel = "FILE",
      description = "Triples to make pairs of (default: the bundled ones of evaluation).")
  private Path triples;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "200",
      description = "Pairs to score (default: ${DEFAULT-VALUE}).")
  private int pairCount;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each is loaded and asked (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: all processors).")
  private Integer threads;

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda",
      defaultValue = "cpu",
      description =
          "Where ONNX Runtime computes; cuda needs onnxruntime_gpu (default: ${DEFAULT-VALUE}).")
  private OnnxOptions.Device device;

  @Mixin private PromptOptions prompt;

  /** For picocli. */
  public BenchmarkOnnx() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new BenchmarkOnnx(), arguments);
  }

  @Override
  public Integer call() {
    if (pairCount < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          pairCount + " pairs, " + rounds + " rounds: give at least 1 of each");
    }
    List<PassagePair> pairs = new ArrayList<>();
    for (PairExample pair :
        Triples.tsv(triples == null ? Bundled.devTriples() : triples, pairCount)
            .evaluationPairs()) {
      pairs.add(new PassagePair(pair.query(), pair.a(), pair.b()));
    }
    try (TemporaryFolder folder = TemporaryFolder.of("lorascope-onnx")) {
      measure(contestants(folder.path()), pairs);
      return 0;
    }
  }

  private Map<String, Contestant> contestants(Path folder) {
    Path model = ModelOptions.orBundled(modelName);
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    contestants.put(YARDSTICK, new Contestant(model, () -> own(model, Precision.F32)));
    contestants.put("lorascope-bf16", new Contestant(model, () -> own(model, Precision.BF16)));
    for (OnnxForm form : OnnxForm.values()) {
      Path exported = folder.resolve(form.toString());
      try (Own own = own(model, Precision.F32)) {
        io.github.lorascope.onnx.OnnxExport.of(own.reranker()).form(form).write(exported);
      }
      contestants.put("onnx-" + form, new Contestant(exported, () -> exported(exported)));
    }
    return contestants;
  }

  private record Own(Decoder decoder, LoraAdapter adapter, Reranker reranker) implements Side {
    @Override
    public PairScorer scorer() {
      return reranker;
    }

    @Override
    public void close() {
      reranker.close();
      adapter.close();
      decoder.close();
    }
  }

  private Own own(Path model, Precision precision) {
    BackendOptions options = BackendOptions.defaults();
    Decoder decoder =
        Decoder.load(
            model,
            LoadOptions.defaults()
                .with(precision)
                .with(threads == null ? options : options.withThreads(threads)));
    LoraAdapter adapter = LoraAdapter.load(decoder, adapterFolder);
    return new Own(decoder, adapter, prompt.reranker(decoder, adapter));
  }

  private record Exported(OnnxReranker reranker) implements Side {
    @Override
    public PairScorer scorer() {
      return reranker;
    }

    @Override
    public void close() {
      reranker.close();
    }
  }

  private Side exported(Path folder) {
    return new Exported(
        OnnxReranker.load(folder, new OnnxOptions(device, threads == null ? 0 : threads)));
  }

  /** A round before the first is not counted: native libraries are loaded in it. */
  private void measure(Map<String, Contestant> contestants, List<PassagePair> pairs) {
    Map<String, Times> times = new LinkedHashMap<>();
    Map<String, List<PairScore>> scores = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, Contestant> entry : contestants.entrySet()) {
        long start = System.nanoTime();
        try (Side side = entry.getValue().opener().open()) {
          long loaded = System.nanoTime();
          scores.put(entry.getKey(), side.scorer().score(pairs));
          long scored = System.nanoTime();
          Times some = times.computeIfAbsent(entry.getKey(), name -> new Times());
          if (round > 0) {
            some.load().add((loaded - start) / 1e9);
            some.score().add((scored - loaded) / 1e9);
          }
        }
      }
    }
    for (String name : contestants.keySet()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("name", name);
      line.put("size_bytes", size(contestants.get(name).files()));
      line.put("load_seconds", BenchmarkTraining.median(times.get(name).load()));
      line.put(
          "pairs_per_second", pairs.size() / BenchmarkTraining.median(times.get(name).score()));
      line.put("largest_difference", difference(scores.get(name), scores.get(YARDSTICK)));
      line.put("pairs", pairs.size());
      System.out.println(Json.write(line));
    }
  }

  private static double difference(List<PairScore> some, List<PairScore> others) {
    double largest = 0;
    for (int i = 0; i < some.size(); i++) {
      largest = Math.max(largest, Math.abs(some.get(i).logitA() - others.get(i).logitA()));
      largest = Math.max(largest, Math.abs(some.get(i).logitB() - others.get(i).logitB()));
    }
    return largest;
  }

  /** The bytes of a file, or of what a folder holds. */
  private static long size(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException e) {
      throw new FileReadException("cannot read " + path + ": " + e, e);
    }
  }
}
