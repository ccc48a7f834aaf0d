package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LayerListener;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.prompt.TokenSpan;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiddenStateTapTest {
  private static final int HIDDEN = 32;

  @TempDir static Path model;
  private static List<PairExample> pairs;

  @TempDir Path folder;

  /** Enough tokens for several passes. */
  @BeforeAll
  static void write() {
    TinyModel.write(model);
    pairs = new ArrayList<>(TinyModel.tsv(model.resolve("triples.tsv"), 60).evaluationPairs());
    pairs.set(7, new PairExample("was ist größe?", "eine 漢字 𝄞 größe", "nichts", 0));
  }

  private interface Work {
    void on(Reranker reranker);
  }

  private static void withModel(Work work) {
    try (Decoder decoder = TinyModel.load(model, "reference")) {
      int scopes = decoder.backend().memory().openScopes();
      try (Reranker reranker = Reranker.pairwise(decoder)) {
        work.on(reranker);
      }
      assertEquals(scopes, decoder.backend().memory().openScopes());
    }
  }

  /** Straight from the decoder, one prompt at a time: all tokens' states behind some layers. */
  private static float[][] states(Reranker reranker, PairExample pair, int layers) {
    List<float[]> rows = new ArrayList<>();
    reranker
        .decoder()
        .observe(
            TokenBatch.of(List.of(encode(reranker, pair).ids())),
            null,
            new LayerListener() {
              @Override
              public void residual(int passed, Tensor states) {
                for (int t = 0; passed == layers && t < states.rows(); t++) {
                  rows.add(states.rows(t, t + 1).toArray());
                }
              }
            });
    return rows.toArray(float[][]::new);
  }

  private static EncodedPrompt encode(Reranker reranker, PairExample pair) {
    return reranker.encode(new PassagePair(pair.query(), pair.a(), pair.b()));
  }

  @Test
  void theFileHoldsWhatMemoryHoldsAndWhatTheDecoderComputes() {
    Path file = folder.resolve("states/before.safetensors");
    withModel(
        reranker -> {
          HiddenStateTap tap = HiddenStateTap.layers(2, 0).last();
          HiddenStates recorded = tap.record(reranker, pairs, file, Map.of("model", "tiny"));
          HiddenStates collected = tap.collect(reranker, pairs);
          assertEquals(List.of(0, 2), recorded.layers());
          assertEquals("last", recorded.position());
          assertEquals(HIDDEN, recorded.hiddenSize());
          int[] labels = pairs.stream().mapToInt(PairExample::label).toArray();
          assertArrayEquals(labels, recorded.labels());
          for (int layer : recorded.layers()) {
            float[][] rows = recorded.layer(layer);
            assertArrayEquals(collected.layer(layer), rows);
            for (int i = 0; i < pairs.size(); i++) {
              float[][] all = states(reranker, pairs.get(i), layer);
              assertArrayEquals(all[all.length - 1], rows[i], 1e-5f, "example " + i);
            }
          }
        });
    SafetensorsFile raw = SafetensorsFile.open(file);
    assertEquals(List.of(60L, 32L), raw.info("hidden.2").shape());
    assertEquals("{\"model\":\"tiny\"}", raw.metadata().get("provenance"));
  }

  @Test
  void averagesTheTokensOfAPart() {
    withModel(
        reranker -> {
          for (Span span : Span.values()) {
            HiddenStates means =
                HiddenStateTap.layers(1).mean(span).collect(reranker, pairs.subList(5, 9));
            assertEquals("mean of " + span.label(), means.position());
            for (int i = 0; i < 4; i++) {
              PairExample pair = pairs.get(5 + i);
              float[][] all = states(reranker, pair, 1);
              TokenSpan tokens = span.in(encode(reranker, pair));
              float[] expected = new float[HIDDEN];
              for (int column = 0; column < HIDDEN; column++) {
                for (int t = tokens.start(); t < tokens.end(); t++) {
                  expected[column] += all[t][column] / tokens.size();
                }
              }
              assertArrayEquals(expected, means.layer(1)[i], 1e-5f);
            }
          }
        });
  }

  /** The last index is the stream that the final norm reads, not what it makes of it. */
  @Test
  void allLayersGoFromTheEmbeddingToTheStreamBeforeTheFinalNorm() {
    withModel(
        reranker -> {
          HiddenStates all = HiddenStateTap.allLayers().collect(reranker, pairs.subList(0, 3));
          assertEquals(List.of(0, 1, 2), all.layers());
          assertArrayEquals(all.layer(0)[0], all.layer(0)[1]); // the same last word
          assertFalse(Arrays.equals(all.layer(2)[0], all.layer(2)[1]));
          double squares = 0;
          for (float value : all.layer(2)[0]) {
            squares += value * value;
          }
          assertTrue(Math.abs(squares / HIDDEN - 1) > 0.1, "it looks normalized: " + squares);
        });
  }

  @Test
  void tellsOfTheProgressAndSharesThePassesWithOtherTaps() {
    List<Integer> done = new ArrayList<>();
    withModel(
        reranker -> {
          Observed seen =
              Observation.of(reranker, pairs)
                  .attention(AttentionTap.layers(1))
                  .states(HiddenStateTap.layers(1))
                  .lens()
                  .progress(done::add)
                  .writeTo(folder, "before", Map.of());
          assertTrue(done.size() > 1 && done.size() < pairs.size(), "" + done);
          assertEquals(done.stream().sorted().distinct().toList(), done);
          assertEquals(60, done.get(done.size() - 1));
          Observed read = Observed.read(folder, "before");
          assertArrayEquals(
              HiddenStateTap.layers(1).collect(reranker, pairs).layer(1),
              read.states().orElseThrow().layer(1));
          AttentionMeasurement alone = AttentionTap.layers(1).measure(reranker, pairs);
          assertArrayEquals(
              alone.values(AttentionQuantity.LAST_TO_A, 1, 1),
              read.attention().orElseThrow().values(AttentionQuantity.LAST_TO_A, 1, 1));
          assertEquals(
              Lens.of(reranker, pairs).score(59, 1), read.lens().orElseThrow().score(59, 1));
          assertEquals(60, seen.states().orElseThrow().layer(1).length);
          assertTrue(Observed.read(folder, "after").states().isEmpty());
        });
  }

  @Test
  void whatFailsOnTheWayLeavesNoFile() throws IOException {
    List<PairExample> lacking = new ArrayList<>(pairs);
    lacking.set(58, new PairExample("river", "", "stone", 1));
    Path file = folder.resolve("a.safetensors");
    withModel(
        reranker -> {
          HiddenStateTap tap = HiddenStateTap.layers(1).mean(Span.A);
          String message =
              assertThrows(TapException.class, () -> tap.record(reranker, lacking, file, Map.of()))
                  .getMessage();
          assertTrue(message.contains("example 58 has no token of a"), message);
          assertThrows(
              IllegalArgumentException.class,
              () -> HiddenStateTap.layers(3).record(reranker, pairs, file, Map.of()));
        });
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void everyTruncationAndEveryForeignFileIsRefused() throws IOException {
    Path file = folder.resolve("a.safetensors");
    withModel(
        reranker -> HiddenStateTap.layers(1).record(reranker, pairs.subList(0, 2), file, Map.of()));
    byte[] whole = Files.readAllBytes(file);
    HiddenStates opened = HiddenStates.read(file);
    assertThrows(IllegalArgumentException.class, () -> opened.layer(0));
    Path cut = folder.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length += 5) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertRefused(cut, "cut.safetensors");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 4)); // after it was opened
    assertThrows(TapException.class, () -> opened.layer(1));

    Path foreign = folder.resolve("foreign.safetensors");
    new SafetensorsWriter().f32("hidden.1", new float[4], 2, 2).write(foreign);
    assertRefused(foreign, "it has no tensor labels");
    SafetensorsWriter none = new SafetensorsWriter();
    ExampleSet.of(pairs.subList(0, 2)).addTo(none);
    none.f32("hidden.last", new float[4], 2, 2).write(foreign);
    assertRefused(foreign, "it has no tensor hidden.N");
    SafetensorsWriter uneven = new SafetensorsWriter().metadata("position", "last");
    ExampleSet.of(pairs.subList(0, 2)).addTo(uneven);
    uneven.f32("hidden.1", new float[4], 2, 2).f32("hidden.12", new float[6], 3, 2).write(foreign);
    assertRefused(foreign, "hidden.12 is F32 [3, 2], not F32 [2, 2]");
    SafetensorsWriter empty = new SafetensorsWriter().metadata("position", "last");
    ExampleSet.of(pairs.subList(0, 2)).addTo(empty);
    empty.f32("hidden.1", new float[0], 2, 0).write(foreign);
    assertRefused(foreign, "hidden.1 is of shape [2, 0]");
    new SafetensorsWriter().i64("labels", new long[] {0, 2}, 2).write(foreign);
    assertRefused(foreign, "label 1 is 2");
  }

  private static void assertRefused(Path file, String reason) {
    String message = assertThrows(TapException.class, () -> HiddenStates.read(file)).getMessage();
    assertTrue(message.contains(reason), message);
  }
}
