package io.github.lorascope.examples;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.rerank.ModelIdentity;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.RunFolder;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which finished run is looked at, and on which pairs. */
final class RunOptions {
  private static final int UNLESS_ASKED = 200;

  @Mixin private RunFolderOption run;

  @Option(
      names = "--eval",
      paramLabel = "FILE",
      description = "Triples to look at (default: the bundled ones that are not trained on).")
  private Path eval;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "How many of them, drawn with a fixed seed (default: those that the run looked at, or"
              + " 200).")
  private Integer pairs;

  @Mixin private ModelOptions model;

  /** Opens the run with the model's form, the prompt and the cuts that it was trained with. */
  Subject open() {
    RunFolder folder = new RunFolder(run.folder);
    JsonObject settings = Json.read(folder.provenance());
    HeldOut looked = looked(settings);
    PromptSettings asked = asked(settings);
    Decoder decoder =
        Decoder.load(
            model.modelOrBundled(),
            model.load(
                oneOf(Precision.values(), settings, "precision"),
                oneOf(Quantization.values(), settings, "quantization")));
    try {
      requireModel(settings, decoder);
      LoraAdapter adapter = LoraAdapter.load(decoder, folder.adapter());
      Reranker reranker =
          Reranker.pairwise(decoder).withSettings(asked).withAdapter(adapter.view());
      return Subject.of(
          decoder, reranker, adapter, looked.pairs(), run.folder, looked.in(settings.texts()));
    } catch (RuntimeException | Error e) {
      decoder.close();
      throw e;
    }
  }

  private static int number(JsonObject settings, String field) {
    String text = settings.string(field);
    if (!text.matches("[0-9]{1,9}")) {
      throw damaged(settings, field, "a whole number");
    }
    return Integer.parseInt(text);
  }

  private static PromptSettings asked(JsonObject settings) {
    try {
      return PromptSettings.of(settings.texts())
          .orElseThrow(
              () ->
                  new JsonException(
                      settings.source()
                          + " does not say what its run was asked; put back what the training"
                          + " wrote"));
    } catch (PromptException e) {
      throw new JsonException(settings.source() + ": " + e.getMessage(), e);
    }
  }

  private static <T> T oneOf(T[] values, JsonObject settings, String field) {
    String text = settings.string(field);
    return Arrays.stream(values)
        .filter(value -> value.toString().equals(text))
        .findFirst()
        .orElseThrow(() -> damaged(settings, field, "one of " + Arrays.toString(values)));
  }

  private static JsonException damaged(JsonObject settings, String field, String expected) {
    return new JsonException(
        settings.source()
            + ": "
            + field
            + " has to be "
            + expected
            + " but is '"
            + settings.string(field)
            + "'; put back what the training wrote");
  }

  /**
   * By a sample of its files where the run has that, and by the last part of their names: a model
   * of the hub may lie in a folder as well.
   */
  private void requireModel(JsonObject settings, Decoder decoder) {
    if (!settings.has("model")) {
      return;
    }
    String trained = settings.string("model");
    String given = decoder.name().orElse("random");
    if (!lastPart(trained).equals(lastPart(given))) {
      throw new IllegalArgumentException(
          run.folder
              + " was trained on the model "
              + trained
              + ", not on "
              + given
              + ": give that one with --model");
    }
    String sample = ModelIdentity.of(decoder).getOrDefault(ModelIdentity.SAMPLE, "none");
    if (settings.has(ModelIdentity.SAMPLE)
        && !settings.string(ModelIdentity.SAMPLE).equals(sample)) {
      throw new IllegalArgumentException(
          run.folder
              + " was trained on another model of the name "
              + given
              + ", whose files differ from these: give that one with --model");
    }
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private HeldOut looked(JsonObject settings) {
    if (pairs != null) {
      return HeldOut.draw(eval, pairs);
    }
    if (!settings.has("pairs_n")) {
      return HeldOut.draw(eval, UNLESS_ASKED);
    }
    HeldOut looked = HeldOut.draw(eval, number(settings, "pairs_n"));
    if (!looked.triples().sha256().equals(settings.string("pairs_sha256"))) {
      throw new IllegalArgumentException(
          run.folder
              + " was looked at on pairs of "
              + settings.string("pairs")
              + ": give that file with --eval, or choose others with --pairs as well");
    }
    return looked;
  }
}
