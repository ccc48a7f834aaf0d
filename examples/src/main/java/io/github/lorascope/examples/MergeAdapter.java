package io.github.lorascope.examples;

import io.github.lorascope.checkpoint.DataType;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.io.AtomicFiles;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.lora.Merge;
import io.github.lorascope.lora.MergeBase;
import io.github.lorascope.lora.MergeDrift;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes one model of a base and an adapter. */
@Command(
    name = "MergeAdapter",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Adds an adapter to its base and saves the model as a Hugging Face folder, a sequence classifier"
          + " with the labels A and B.",
      "Then asks both about held-out pairs, prints how far P(A) drifts, and keeps that in the folder as"
          + " drift.json."
    })
public final class MergeAdapter implements Callable<Integer> {
  private static final String DRIFT = "drift.json";

  /** Pairs that are asked between two lines of progress. */
  private static final int AT_ONCE = 16;

  @Mixin private ModelOptions model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      required = true,
      description = "PEFT folder of the adapter.")
  private Path adapterFolder;

  @Option(
      names = "--base",
      paramLabel = "checkpoint|dequantized",
      description =
          "What to add the adapter to: the checkpoint's own 16-bit weights, or what the quantized"
              + " weights stand for (default: dequantized where the checkpoint or --quantization is"
              + " in 4 bits, else checkpoint).")
  private MergeBase base;

  @Option(
      names = "--save-dtype",
      paramLabel = "bf16|f16|f32",
      defaultValue = "bf16",
      description = "What the merged numbers are kept as (default: ${DEFAULT-VALUE}).")
  private DataType saved;

  @Option(
      names = "--files-of",
      paramLabel = "DIR",
      description =
          "Hugging Face folder to take config.json and tokenizer from, where --model is a GGUF file"
              + " (default: the model's).")
  private Path filesOf;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description = "Triples to measure the drift on (default: the bundled held-out ones).")
  private Path pairsFile;

  @Option(
      names = "--pairs-limit",
      paramLabel = "N",
      defaultValue = "400",
      description = "How many of them to draw (default: ${DEFAULT-VALUE}).")
  private int pairsLimit;

  @Mixin private PromptOptions prompt;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write; it must not exist or be empty.")
  private Path out;

  /** For picocli. */
  public MergeAdapter() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new MergeAdapter(), arguments);
  }

  @Override
  public Integer call() {
    HeldOut heldOut = HeldOut.draw(pairsFile, pairsLimit);
    List<PassagePair> pairs = heldOut.pairs().stream().map(MergeAdapter::question).toList();
    LoadOptions options = model.load();
    Map<String, Object> report = new LinkedHashMap<>();
    PromptSettings asked;
    List<PairScore> adapted;
    try (Decoder decoder = Decoder.load(model.modelOrBundled(), options);
        LoraAdapter adapter = LoraAdapter.load(decoder, adapterFolder);
        Reranker reranker = prompt.reranker(decoder, adapter)) {
      if (!merge(decoder, adapter, report)) {
        System.err.println("stopped; nothing is left of it");
        return 1;
      }
      System.out.println("model: " + out);
      asked = reranker.settings();
      adapted = score("base and adapter", reranker, pairs);
    }
    List<PairScore> merged;
    try (Decoder decoder = Decoder.load(out, options.with(Quantization.STORED));
        Reranker reranker = Reranker.pairwise(decoder).withSettings(asked)) {
      merged = score("merged model", reranker, pairs);
    }
    MergeDrift drift = MergeDrift.of(adapted, merged);
    report.put("drift", drift.values());
    report.put("precision", options.precision().toString());
    report.put("passage_tokens", asked.limits().passageTokens());
    report.putAll(heldOut.in(Map.of()));
    AtomicFiles.writeString(out.resolve(DRIFT), Json.writePretty(report));
    System.out.println(drift);
    return 0;
  }

  private static PassagePair question(PairExample pair) {
    return new PassagePair(pair.query(), pair.a(), pair.b());
  }

  private boolean merge(Decoder decoder, LoraAdapter adapter, Map<String, Object> report) {
    MergeBase into = base != null ? base : MergeBase.asHeldBy(decoder);
    String modelName = decoder.name().orElseThrow();
    report.put("model", modelName);
    report.put("adapter", adapterFolder.toString());
    report.put("base", into.toString());
    report.put("quantization", decoder.options().quantization().toString());
    report.put("dtype", saved.name().toLowerCase(Locale.ROOT));
    Merge merge =
        adapter
            .merge(into)
            .as(saved)
            .provenance(Map.of("model", modelName))
            .progress(share -> ProgressLine.show("merging, %", (int) (100 * share), 100));
    if (filesOf != null) {
      merge.filesOf(filesOf);
    }
    StopOnInterrupt hook = StopOnInterrupt.of(merge::stop);
    try {
      return merge.save(out);
    } finally {
      hook.end();
    }
  }

  private static List<PairScore> score(String what, Reranker reranker, List<PassagePair> pairs) {
    List<PairScore> scores = new ArrayList<>();
    for (int start = 0; start < pairs.size(); start += AT_ONCE) {
      int end = Math.min(start + AT_ONCE, pairs.size());
      scores.addAll(reranker.score(pairs.subList(start, end)));
      ProgressLine.show("asking the " + what, end, pairs.size());
    }
    return scores;
  }
}
