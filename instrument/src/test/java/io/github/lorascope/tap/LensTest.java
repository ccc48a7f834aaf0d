package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LensTest {
  @TempDir Path folder;

  static List<String> backends() {
    return Backends.names();
  }

  /** Behind all layers it is the model's own answer, with and without an adapter. */
  @ParameterizedTest
  @MethodSource("backends")
  void theDeepestAnswerIsTheModels(String backend) {
    TinyModel.write(folder);
    List<PairExample> pairs = TinyModel.tsv(folder.resolve("triples.tsv"), 12).evaluationPairs();
    try (Decoder decoder = TinyModel.load(folder, backend);
        LoraAdapter adapter =
            LoraAdapter.on(decoder).targets("q_proj", "v_proj").rank(2).seed(5).attach();
        Reranker base = Reranker.pairwise(decoder)) {
      adapter
          .named(adapter.parameters())
          .forEach(
              (name, matrix) -> {
                if (name.contains("lora_B")) {
                  matrix.fill(0.2f);
                }
              });
      for (Reranker reranker : List.of(base, base.withAdapter(adapter.view()))) {
        Lens lens = Lens.of(reranker, pairs);
        assertEquals(2, lens.layers());
        List<PairScore> own =
            reranker.score(
                pairs.stream().map(p -> new PassagePair(p.query(), p.a(), p.b())).toList());
        for (int i = 0; i < pairs.size(); i++) {
          assertEquals(own.get(i).logitA(), lens.score(i, 2).logitA(), 1e-4);
          assertEquals(own.get(i).logitB(), lens.score(i, 2).logitB(), 1e-4);
          assertEquals(lens.score(0, 0), lens.score(i, 0)); // the last word says nothing yet
        }
        assertTrue(Math.abs(lens.score(0, 1).logitA() - lens.score(0, 2).logitA()) > 1e-3);
      }
    }
  }

  /** Two layers, three examples with the labels 0, 1, 0. */
  private static Lens madeUp() {
    List<PairExample> pairs =
        List.of(
            new PairExample("q", "a", "b", 0),
            new PairExample("q", "a", "b", 1),
            new PairExample("q", "a", "b", 0));
    return new Lens(ExampleSet.of(pairs), 2, new float[] {1, 1, 3, 1, 1, 1, 2, 1, 1, 1, 0, -1});
  }

  @Test
  void sumsUp() {
    Lens lens = madeUp();
    assertEquals(new PairScore(3, 1), lens.score(0, 1));
    assertEquals(new Proportion(2, 3), lens.accuracy(0)); // equal logits count as A
    assertEquals(new Proportion(2, 3), lens.accuracy(1));
    assertEquals(0.5, lens.meanProbability(0), 1e-12);
    double expected = (sigmoid(2) + sigmoid(-1) + sigmoid(1)) / 3;
    assertEquals(expected, lens.meanProbability(1), 1e-12);
    assertEquals(MeanInterval.of(2, -1, 1), lens.margin(1));
    assertThrows(IllegalArgumentException.class, () -> lens.score(3, 0));
    assertThrows(IllegalArgumentException.class, () -> lens.accuracy(2));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void theFileHoldsAll() {
    Path file = folder.resolve("lens/before.safetensors");
    madeUp().write(file, Map.of("model", "tiny"));
    Lens read = Lens.read(file);
    assertEquals(1, read.layers());
    assertArrayEquals(new int[] {0, 1, 0}, read.labels());
    assertEquals(madeUp().score(2, 1), read.score(2, 1));
    SafetensorsWriter other = new SafetensorsWriter();
    ExampleSet.of(List.of(new PairExample("q", "a", "b", 0))).addTo(other);
    other.f32("logits", new float[6], 1, 2, 3).write(file);
    String message = assertThrows(TapException.class, () -> Lens.read(file)).getMessage();
    assertTrue(message.contains("logits is F32 [1, 2, 3], not F32 [1, 2, 2]"), message);
  }
}
