package io.github.lorascope.examples;

import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.RunFolder;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which finished run is looked at, and on which pairs. */
final class RunOptions {
  private static final int SAMPLE_SEED = 1;

  @Mixin private RunFolderOption run;

  @Option(
      names = "--eval",
      paramLabel = "FILE",
      description = "Triples to look at (default: the bundled ones that are not trained on).")
  private Path eval;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "200",
      description = "How many of them, drawn with a fixed seed (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private ModelOptions model;

  /** Opens the run with the prompt and the cuts that it was trained with. */
  Subject open() {
    RunFolder folder = new RunFolder(run.folder);
    JsonObject settings = Json.read(folder.provenance());
    Triples triples =
        Triples.sample(eval == null ? Bundled.devTriples() : eval, pairs, SAMPLE_SEED);
    Map<String, String> provenance = settings.texts();
    provenance.put("pairs", triples.source().getFileName().toString());
    provenance.put("pairs_sha256", triples.sha256());
    PromptLimits limits =
        new PromptLimits(
            Integer.parseInt(settings.string("passage_tokens")),
            Integer.parseInt(settings.string("max_tokens")));
    Decoder decoder = Decoder.load(model.modelOrBundled(), model.load());
    try {
      LoraAdapter adapter = LoraAdapter.load(decoder, folder.adapter());
      Reranker reranker =
          Reranker.pairwise(decoder)
              .withPrompt(PairPrompt.of(settings.string("prompt")))
              .withLimits(limits)
              .withAdapter(adapter.view());
      return new Subject(
          decoder, reranker, adapter, triples.evaluationPairs(), run.folder, provenance);
    } catch (RuntimeException | Error e) {
      decoder.close();
      throw e;
    }
  }
}
