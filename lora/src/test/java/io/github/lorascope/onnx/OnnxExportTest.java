package io.github.lorascope.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.Reference;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TestMistral;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.decoder.VocabularyException;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ONNX Runtime computes of an exported model is what the decoder computes. */
class OnnxExportTest {
  /** Both sum in float32, in other orders; logits are about 1. */
  private static final double TOLERANCE = 1e-4;

  private static final LoadOptions OPTIONS =
      LoadOptions.defaults().with(Precision.F32).withBackend("reference");

  /** Has windows that differ by layer, and the weights of llama-gqa. */
  private static final String MISTRAL = "mistral";

  @TempDir Path folder;

  /** A golden model with a tokenizer, which has more tokens than the model but is never asked. */
  private Path model(String name) throws IOException {
    Path model = folder.resolve(name);
    if (name.equals(MISTRAL)) {
      TestMistral.write(model);
    } else {
      Reference.copy(name, model);
    }
    Files.copy(Reference.path("tokenizers/byte-level.json"), model.resolve("tokenizer.json"));
    return model;
  }

  /** Ragged sequences, some behind the window of 9 and LongRoPE's border of 16. */
  private static List<int[]> sequences(int... lengths) {
    Random random = new Random(7);
    List<int[]> sequences = new ArrayList<>();
    for (int length : lengths) {
      sequences.add(random.ints(length, 1, 160).toArray());
    }
    return sequences;
  }

  private static void assertAgree(Reranker reranker, Path exported) {
    List<List<int[]>> batches =
        List.of(sequences(1), sequences(5, 16, 1, 12), sequences(40, 3, 17, 16, 33, 40, 9));
    try (OnnxReranker onnx = OnnxReranker.load(exported)) {
      for (List<int[]> batch : batches) {
        List<PairScore> scores = onnx.scoreEncoded(batch);
        Adapter adapter = reranker.adapter().orElse(null);
        try (DecoderPass pass =
            reranker.decoder().forward(TokenBatch.of(batch), adapter, PassOptions.SCORING)) {
          for (int s = 0; s < batch.size(); s++) {
            assertEquals(pass.logits().get(s, 0), scores.get(s).logitA(), TOLERANCE, "A of " + s);
            assertEquals(pass.logits().get(s, 1), scores.get(s).logitB(), TOLERANCE, "B of " + s);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "phi3, F32, false",
    "phi3, F32, true",
    "phi3-window, F32, false",
    "phi3-nf4, NF4, true",
    "phi3-bnb4bit, F32, false",
    "phi3-bnb4bit, NF4, true",
    "phi3-partial, F32, false",
    "phi3-longrope, F32, false",
    "phi3-longrope-short, F32, true",
    "llama-gqa, F32, false",
    "llama-gqa, F32, true",
    "llama-sharded, F32, false",
    "llama3-rope, F32, false",
    "qwen2-bias, F32, false",
    "qwen2-bias, F32, true",
    "qwen2-bias, NF4, true",
    "mistral, F32, false",
    "qwen3, F32, false"
  })
  void scoresAreTheDecoders(String name, OnnxForm form, boolean apart) throws IOException {
    Path out = folder.resolve("out");
    LoadOptions options =
        form == OnnxForm.NF4 ? OPTIONS.with(io.github.lorascope.decoder.Quantization.NF4) : OPTIONS;
    String adapted = name.equals(MISTRAL) ? "llama-gqa" : name;
    try (Decoder decoder = Decoder.load(model(name), options);
        LoraAdapter adapter = LoraAdapter.load(decoder, Reference.path(adapted + "/adapter"));
        Reranker base = Reranker.pairwise(decoder)) {
      Reranker reranker = base.withAdapter(adapter.view());
      OnnxExport export = OnnxExport.of(reranker).form(form);
      assertTrue((apart ? export.adapterApart() : export).write(out));
      assertAgree(reranker, out);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, 160, Integer.MAX_VALUE})
  void aTokenThatTheModelDoesNotKnowIsRefused(int token) throws IOException {
    try (OnnxReranker onnx = OnnxReranker.load(exported())) {
      List<int[]> prompts = List.of(new int[] {1, 159}, new int[] {2, token, 3});
      VocabularyException e =
          assertThrows(VocabularyException.class, () -> onnx.scoreEncoded(prompts));
      assertTrue(e.getMessage().contains("token " + token), e.getMessage());
      assertTrue(e.getMessage().contains("has 160 tokens"), e.getMessage());
    }
  }

  /** The golden model with its adapter. */
  private Path exported() throws IOException {
    Path out = folder.resolve("out");
    try (Decoder decoder = Decoder.load(model("phi3"), OPTIONS);
        LoraAdapter adapter = LoraAdapter.load(decoder, Reference.path("phi3/adapter"));
        Reranker base = Reranker.pairwise(decoder)) {
      assertTrue(OnnxExport.of(base.withAdapter(adapter.view())).write(out));
    }
    return out;
  }

  /** The runtime of these tests has none; it must not be the CPU that answers then. */
  @Test
  void cudaThatIsNotThereIsAnError() throws IOException {
    Path out = exported();
    OnnxOptions cuda = OnnxOptions.defaults().on(OnnxOptions.Device.CUDA);
    OnnxException e = assertThrows(OnnxException.class, () -> OnnxReranker.load(out, cuda));
    assertTrue(e.getMessage().contains("onnxruntime_gpu"), e.getMessage());
  }
}
