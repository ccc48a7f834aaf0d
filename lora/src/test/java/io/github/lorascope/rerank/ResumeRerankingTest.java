package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reranking goes on with the model and the adapter that it was begun with, and no other. */
class ResumeRerankingTest extends RerankFixture {
  @TempDir static Path models;
  private static Decoder decoder;
  private static Reranker plain;

  @BeforeAll
  static void load() {
    decoder = TinyModel.load(TinyModel.write(models.resolve("model")), "reference");
    plain = reranker(decoder);
  }

  private static Reranker reranker(Decoder model) {
    return Reranker.pairwise(model).withPrompt(PairPrompt.of("{query}\n{doc_a}\n{doc_b}\n"));
  }

  private static LoraAdapter adapter(long seed) {
    return LoraAdapter.on(decoder).targets("q_proj", "v_proj").rank(2).seed(seed).attach();
  }

  @AfterAll
  static void close() {
    plain.close();
    decoder.close();
  }

  @BeforeEach
  void write() throws IOException {
    write("collection", "d1\tA river.\nd2\tStones.\n");
    write("queries", "q1\triver\nq2\tstone\n");
    write("run", "q1 Q0 d1 1 2 t\nq1 Q0 d2 2 1 t\nq2 Q0 d1 1 2 t\nq2 Q0 d2 2 1 t\n");
  }

  private void stopAfterOne(Reranker reranker) {
    RunReranking stopped = reranking();
    stopped.listen(
        new RerankListener() {
          @Override
          public void reranked(RerankProgress progress) {
            if (progress.queries() == 1) {
              stopped.stop();
            }
          }
        });
    assertFalse(stopped.run(reranker, out()));
    assertTrue(Files.exists(partial()));
  }

  private void refuses(String part, Reranker reranker) {
    String message =
        assertThrows(ResumeException.class, () -> reranking().run(reranker, out())).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void anotherAdapterIsRefused() {
    try (LoraAdapter first = adapter(1);
        LoraAdapter other = adapter(2)) {
      stopAfterOne(plain.withAdapter(first.view()));
      refuses("adapter_sha256 = ", plain.withAdapter(other.view()));
      refuses("which is none now", plain);
      first.save(folder.resolve("adapter"), Map.of());
      try (LoraAdapter again = LoraAdapter.load(decoder, folder.resolve("adapter"))) {
        assertTrue(reranking().run(plain.withAdapter(again.view()), out()));
      }
    }
  }

  @Test
  void anAdapterIsItsScaleAndNumbersAndWhereTheyAre() {
    try (LoraAdapter adapter = adapter(1)) {
      Adapter view = adapter.view();
      String digest = view.sha256();
      assertEquals(digest, new Adapter(view.values(), view.scale()).sha256());
      assertNotEquals(digest, new Adapter(view.values(), view.scale() / 2).sha256());
      assertNotEquals(digest, view.withoutLayer(1).sha256());
      assertNotEquals(view.withoutLayer(0).sha256(), view.withoutLayer(1).sha256());
      view.values().head().set(1, 0, 7);
      assertNotEquals(digest, view.sha256());
    }
  }

  @Test
  void anotherModelOfTheSameNameIsRefused() {
    stopAfterOne(plain);
    Path other = TinyModel.copyWithOtherWeights(models.resolve("model"), folder.resolve("model"));
    try (Decoder model = TinyModel.load(other, "reference");
        Reranker reranker = reranker(model)) {
      assertEquals(decoder.name(), model.name());
      refuses("model_sample_sha256 = ", reranker);
    }
    assertTrue(reranking().run(plain, out()));
  }

  @Test
  void whatAnEarlierVersionBeganIsGoneOnWith() throws IOException {
    stopAfterOne(plain);
    String kept = Files.readString(partial());
    String older =
        kept.replaceAll("\"(model|model_sample_sha256|adapter_sha256)\":\"[^\"]*\",", "");
    assertNotEquals(kept, older);
    Files.writeString(partial(), older);
    assertTrue(reranking().run(plain, out()));
  }
}
