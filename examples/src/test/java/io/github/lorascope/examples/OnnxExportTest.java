package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.onnx.OnnxReranker;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.prompt.PromptLimits;
import io.github.lorascope.prompt.PromptSettings;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxExportTest {
  @TempDir private Path folder;

  private Program.Result run(Path model, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model",
                model.toString(),
                "--adapter",
                folder.resolve("adapter").toString(),
                "--out",
                folder.resolve("onnx").toString()));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), OnnxExport.class, arguments);
  }

  @Test
  void whatIsWrittenAnswersAsTheReranker() {
    Path model = TinyFolder.model(folder.resolve("model"));
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend("reference");
    try (Decoder decoder = Decoder.load(model, options);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("qkv_proj").rank(4).attach();
        Reranker plain = Reranker.pairwise(decoder)) {
      float[] values = adapter.parameters().toArray();
      Random random = new Random(1);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.1 * random.nextGaussian());
      }
      adapter.parameters().set(values);
      adapter.askedWith(new PromptSettings(PairPrompt.standard(), new PromptLimits(2, 0)));
      adapter.save(folder.resolve("adapter"), Map.of());
      Program.Result result = run(model);
      assertEquals(0, result.status(), result.err());

      List<PassagePair> pairs =
          List.of(
              new PassagePair("what is a gene?", "A unit of heredity.", "A kind of cheese."),
              new PassagePair("what is brie?", "A gene.", "A soft cheese made of milk of cows."));
      Reranker tuned = adapter.asTrained(plain);
      try (OnnxReranker exported = OnnxReranker.load(folder.resolve("onnx"))) {
        for (int i = 0; i < pairs.size(); i++) {
          assertEquals(
              tuned.score(pairs).get(i).probabilityA(),
              exported.score(pairs).get(i).probabilityA(),
              1e-3);
        }
      }
      refused("is not empty", run(model));
    }
  }

  @Test
  void badInputIsOneLineAndLeavesNothing() {
    refused("missing", run(folder.resolve("missing")));
    assertFalse(Files.exists(folder.resolve("onnx")));
  }

  private static void refused(String part, Program.Result result) {
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(part), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
