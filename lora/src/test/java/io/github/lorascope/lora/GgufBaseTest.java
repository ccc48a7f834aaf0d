package io.github.lorascope.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lorascope.Reference;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.gguf.GgufModels;
import io.github.lorascope.gguf.GgufType;
import io.github.lorascope.gguf.GgufWriter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters on a base model in one GGUF file. */
class GgufBaseTest {
  private static final LoadOptions OPTIONS =
      LoadOptions.defaults().with(Precision.F32).withBackend("reference");

  @TempDir Path folder;

  private Path base() throws IOException {
    List<String> tokens = new ArrayList<>();
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(Character.toString(c));
    }
    tokens.addAll(List.of("Ġ", "Ċ"));
    GgufWriter writer = GgufModels.of("llama-gqa", GgufType.F32);
    writer
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", tokens)
        .texts("tokenizer.ggml.merges", List.of());
    return writer.write(folder.resolve("base.gguf"));
  }

  @Test
  void anAdapterOfTheFolderFitsTheFile() throws IOException {
    assertArrayEquals(logits(Reference.path("llama-gqa")), logits(base()));
  }

  private static float[] logits(Path model) {
    TokenBatch batch = TokenBatch.of(List.of(new int[] {5, 9, 7, 100, 3}, new int[] {8, 150}));
    try (Decoder decoder = Decoder.load(model, OPTIONS);
        LoraAdapter adapter = LoraAdapter.load(decoder, Reference.path("llama-gqa/adapter"));
        DecoderPass pass = decoder.forward(batch, adapter.view(), PassOptions.SCORING)) {
      return pass.logits().toArray();
    }
  }

  @Test
  void theFileIsTokenizerAndNameOfTheBase() throws IOException {
    try (Decoder decoder = Decoder.load(base(), OPTIONS);
        LoraAdapter adapter = LoraAdapter.on(decoder).targets("q_proj").rank(2).alpha(4).attach();
        Reranker reranker = Reranker.pairwise(decoder)) {
      Reranker brief = reranker.withPrompt(PairPrompt.of("{query}: {doc_a} or {doc_b}?"));
      double p = brief.withAdapter(adapter.view()).prefer("query", "a", "b");
      assertTrue(p > 0 && p < 1);
      adapter.save(folder.resolve("adapter"), Map.of());
      assertEquals(
          "base.gguf",
          new ObjectMapper()
              .readTree(folder.resolve("adapter/adapter_config.json").toFile())
              .path("base_model_name_or_path")
              .asText());
    }
  }
}
