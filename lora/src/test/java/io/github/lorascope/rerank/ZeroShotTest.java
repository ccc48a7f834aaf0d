package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.tokenizer.SpecialTokens;
import io.github.lorascope.tokenizer.Tokenizer;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.Trainer;
import io.github.lorascope.train.TrainingException;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reranker without training, and a training that starts with its answers. */
class ZeroShotTest {
  private static final PassagePair PAIR = new PassagePair("what is river", "the river", "the poem");

  @TempDir static Path model;
  private static Decoder decoder;
  private static Reranker reranker;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    TinyModel.tsv(TinyModel.write(model).resolve("triples.tsv"), 64);
    decoder = TinyModel.load(model, "reference");
    reranker = Reranker.pairwise(decoder);
  }

  @AfterAll
  static void close() {
    reranker.close();
    decoder.close();
    assertEquals(0, decoder.backend().memory().used());
  }

  private static LoraAdapter.Builder builder() {
    return LoraAdapter.on(decoder).targets("q_proj", "v_proj").rank(4).alpha(8);
  }

  private static PairScore score(Reranker asked) {
    return asked.score(List.of(PAIR)).get(0);
  }

  /** The embedding, which the head is tied to, of " A" and " B" times the last normalized state. */
  @Test
  void theAnswersAreTheLanguageModelsOwn() {
    float[] embedding =
        SafetensorsFile.open(model.resolve("model.safetensors"))
            .floats("model.embed_tokens.weight");
    List<float[]> last = new ArrayList<>();
    TokenBatch batch = TokenBatch.of(List.of(reranker.encode(PAIR).ids()));
    decoder.observe(
        batch,
        null,
        new LayerListener() {
          @Override
          public void normalized(Tensor states) {
            last.add(states.rows(states.rows() - 1, states.rows()).toArray());
          }
        });
    PairScore zeroShot = score(reranker.zeroShot());
    double[] logits = {zeroShot.logitA(), zeroShot.logitB()};
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      for (int label = 0; label < 2; label++) {
        int[] ids = tokenizer.encode(label == 0 ? " A" : " B", SpecialTokens.AS_TEXT, false).ids();
        assertEquals(1, ids.length);
        double logit = 0;
        float[] state = last.get(0);
        for (int i = 0; i < state.length; i++) {
          logit += (double) state[i] * embedding[ids[0] * state.length + i];
        }
        assertEquals(logit, logits[label], 1e-5 * Math.max(1, Math.abs(logit)));
      }
    }
  }

  @Test
  void theAnswersAreOtherThanThoseOfTheModelsHead() {
    PairScore zeroShot = score(reranker.zeroShot());
    assertNotEquals(score(reranker).logitA(), zeroShot.logitA());
    PairScore exchanged = score(reranker.zeroShot(" B", " A"));
    assertEquals(zeroShot.logitA(), exchanged.logitB());
    assertEquals(zeroShot.logitB(), exchanged.logitA());
  }

  @Test
  void anAdapterMayStartWithThem() {
    Reranker zeroShot = reranker.zeroShot();
    try (LoraAdapter lora = builder().headOf(zeroShot).attach();
        LoraAdapter own = builder().headOf(reranker).attach();
        LoraAdapter plain = builder().attach()) {
      assertEquals(score(zeroShot), score(reranker.withAdapter(lora.view())));
      assertEquals(score(reranker), score(reranker.withAdapter(own.view())));
      assertArrayEquals(own.parameters().toArray(), plain.parameters().toArray());
      int paths = (int) lora.pathParameters();
      assertArrayEquals(
          plain.parameters().columns(0, paths).toArray(),
          lora.parameters().columns(0, paths).toArray());
    }
  }

  @Test
  void anotherDecodersHeadIsRefused() {
    try (Decoder other = TinyModel.load(model, "reference");
        Reranker asked = Reranker.pairwise(other)) {
      LoraAdapter.Builder builder = builder();
      assertThrows(IllegalArgumentException.class, () -> builder.headOf(asked));
    }
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder().steps(4).batch(8).learningRate(5e-3).weightDecay(0.1);
  }

  private static Trainer trainer(
      LoraAdapter lora, TrainingOptions options, RunFolder out, TrainingListener... listeners) {
    return Trainer.of(reranker, lora)
        .data(new EpochSampler(TinyModel.tsv(model.resolve("triples.tsv"), 64), 0))
        .options(options)
        .folder(out, out != null)
        .provenance(Map.of("data", "tiny"))
        .listen(listeners)
        .build();
  }

  /** Sees the norm of every step's gradient, of the paths alone and as the step tells it. */
  private static final class Norms implements TrainingListener {
    private final int paths;
    final List<Double> ofPaths = new ArrayList<>();
    final List<Double> told = new ArrayList<>();

    Norms(LoraAdapter lora) {
      paths = (int) lora.pathParameters();
    }

    @Override
    public void gradient(int step, Tensor gradients) {
      double squares = 0;
      for (float g : gradients.columns(0, paths).toArray()) {
        squares += (double) g * g;
      }
      ofPaths.add(Math.sqrt(squares));
    }

    @Override
    public void stepDone(StepRecord record) {
      told.add(record.gradientNorm());
    }
  }

  @Test
  void aHeadThatIsNotTrainedStaysAndItsGradientDoesNotCount() {
    try (LoraAdapter lora = builder().headOf(reranker.zeroShot()).attach()) {
      float[] start = lora.parameters().toArray();
      int paths = (int) lora.pathParameters();
      Norms norms = new Norms(lora);
      trainer(lora, options().trainHead(false).build(), null, norms).run();
      float[] end = lora.parameters().toArray();
      assertArrayEquals(
          Arrays.copyOfRange(start, paths, start.length),
          Arrays.copyOfRange(end, paths, end.length));
      assertFalse(
          Arrays.equals(Arrays.copyOf(start, paths), Arrays.copyOf(end, paths)), "paths learned");
      assertEquals(4, norms.told.size());
      for (int i = 0; i < 4; i++) {
        assertEquals(norms.ofPaths.get(i), norms.told.get(i), 1e-6 * norms.told.get(i));
      }
    }
  }

  @Test
  void aTrainedHeadMovesAndItsGradientCounts() {
    try (LoraAdapter lora = builder().headOf(reranker.zeroShot()).attach()) {
      float[] start = lora.view().values().head().toArray();
      Norms norms = new Norms(lora);
      trainer(lora, options().build(), null, norms).run();
      assertFalse(Arrays.equals(start, lora.view().values().head().toArray()));
      assertTrue(norms.told.get(0) > 1.001 * norms.ofPaths.get(0), norms.told + "");
    }
  }

  @Test
  void aRunGoesOnWithTheHeadAsItWas() {
    TrainingOptions frozen = options().trainHead(false).checkpointEvery(2).build();
    float[] whole;
    try (LoraAdapter lora = builder().headOf(reranker.zeroShot()).attach()) {
      trainer(lora, frozen, null).run();
      whole = lora.parameters().toArray();
    }
    RunFolder run = new RunFolder(folder.resolve("run"));
    try (LoraAdapter lora = builder().headOf(reranker.zeroShot()).attach()) {
      Trainer[] stopped = new Trainer[1];
      stopped[0] =
          trainer(
              lora,
              frozen,
              run,
              new TrainingListener() {
                @Override
                public void stepDone(StepRecord record) {
                  if (record.step() == 2) {
                    stopped[0].stop();
                  }
                }
              });
      assertFalse(stopped[0].run().isFinished());
    }
    try (LoraAdapter lora = builder().attach()) {
      TrainingException e =
          assertThrows(
              TrainingException.class,
              () -> trainer(lora, frozen.toBuilder().trainHead(true).build(), run).run());
      assertTrue(
          e.getMessage().contains("head was not trained and is now not given; head_start_sha256"),
          e.getMessage());
    }
    try (LoraAdapter lora = builder().headOf(reranker.zeroShot()).attach()) {
      assertTrue(trainer(lora, frozen, run).run().isFinished());
      assertArrayEquals(whole, lora.parameters().toArray());
    }
    try (LoraAdapter saved = LoraAdapter.load(decoder, run.adapter())) {
      assertArrayEquals(whole, saved.parameters().toArray());
    }
  }

  @Test
  void optionsComeBackFromTheirBuilder() {
    TrainingOptions all =
        options()
            .accumulate(2)
            .clip(0.5)
            .seed(9)
            .evaluateEvery(3)
            .checkpointEvery(7)
            .recompute(true)
            .trainHead(false)
            .build();
    assertEquals(all, all.toBuilder().build());
    assertEquals(10, all.toBuilder().seed(10).build().seed());
  }
}
