package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.prompt.PromptSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeAdapterTest {
  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    Path model = TinyFolder.model(folder.resolve("model"));
    TinyFolder.triples(folder.resolve("triples.tsv"), 21);
    try (Decoder decoder = Decoder.load(model, LoadOptions.defaults().withBackend("reference"));
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").rank(4).attach()) {
      float[] values = adapter.parameters().toArray();
      Random random = new Random(1);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      adapter.parameters().set(values);
      adapter.askedWith(new PromptSettings(PairPrompt.standard(), PromptLimits.NONE));
      adapter.save(folder.resolve("adapter"), Map.of());
    }
  }

  private static Program.Result run(String out, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model",
                folder.resolve("model").toString(),
                "--adapter",
                folder.resolve("adapter").toString(),
                "--pairs",
                folder.resolve("triples.tsv").toString(),
                "--dtype",
                "f32",
                "--out",
                folder.resolve(out).toString()));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), MergeAdapter.class, arguments);
  }

  private static JsonObject drift(String out) {
    return Json.read(folder.resolve(out).resolve("drift.json"));
  }

  @Test
  void eachBaseHasItsFolderAndItsDrift() {
    Program.Result plain = run("plain", "--save-dtype", "f32");
    assertEquals(0, plain.status(), plain.err());
    assertEquals("checkpoint", drift("plain").string("base"));
    assertTrue(drift("plain").object("drift").number("largest_difference") < 1e-5);

    Program.Result near = run("near", "--quantization", "nf4", "--pairs-limit", "9");
    assertEquals(0, near.status(), near.err());
    assertTrue(near.lastLine().contains("over 9 pairs"), near.out());
    assertEquals("dequantized", drift("near").string("base"));
    assertEquals("nf4", drift("near").string("quantization"));
    assertEquals("bf16", drift("near").string("dtype"));
    assertEquals(9, drift("near").object("drift").integer("pairs"));

    Program.Result far =
        run("far", "--quantization", "nf4", "--pairs-limit", "9", "--base", "checkpoint");
    assertEquals(0, far.status(), far.err());
    assertEquals("checkpoint", drift("far").string("base"));
    double nearest = drift("near").object("drift").number("mean_difference");
    double farthest = drift("far").object("drift").number("mean_difference");
    assertTrue(nearest > 0 && farthest > nearest, nearest + " and " + farthest);
  }

  @Test
  void badInputIsOneLineAndLeavesNothing() {
    refused("nothing of it is quantized", run("refused", "--base", "dequantized"));
    refused("BF16, F16 or F32", run("refused", "--save-dtype", "i8"));
    String other = Folders.golden("qwen3").toString();
    refused("that of another model", run("refused", "--files-of", other));
    refused("is not empty", run("model"));
    assertFalse(Files.exists(folder.resolve("refused")));
    assertFalse(Files.exists(folder.resolve("model/drift.json")));
  }

  private static void refused(String part, Program.Result result) {
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(part), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
