package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.MeanInterval;
import io.github.lorascope.prompt.EncodedPrompt;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.rerank.ScoreException;
import io.github.lorascope.train.TinyRun;
import io.github.lorascope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ActivationPatchingTest {
  private static final Set<Integer> ALL_LAYERS = Set.of(0, 1, 2);
  private static final Set<PatchPosition> ALL_POSITIONS = Set.of(PatchPosition.values());
  private static final int DEPTH = 2;

  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 20);
  }

  static Stream<String> backends() {
    return Backends.names().stream();
  }

  private static TinyRun trained(String backend) {
    TinyRun run =
        new TinyRun(
            model,
            backend,
            0,
            TrainingOptions.builder().steps(20).batch(4).learningRate(1e-2).seed(3).build());
    run.train(null, false);
    return run;
  }

  private static List<PairExample> pairs(TinyRun run) {
    return run.triples.evaluationPairs().subList(0, 20);
  }

  private static List<PatchPair> swapped(TinyRun run) {
    return pairs(run).stream()
        .map(p -> PatchPair.of(run.reranker, p, PatchSource.SWAPPED, ALL_POSITIONS))
        .flatMap(Optional::stream)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everythingReplacedIsTheSourceRunBitForBit(String backend) {
    Backend computing;
    try (TinyRun run = trained(backend)) {
      computing = run.backend();
      Adapter adapter = run.adapter.view();
      List<PatchPair> pairs = swapped(run);
      assertTrue(pairs.size() > 10, "too few pairs match: " + pairs.size());
      try (PatchRun patch =
          new PatchRun(run.decoder, adapter, adapter, pairs, ALL_LAYERS, ALL_POSITIONS)) {
        assertArrayEquals(patch.source(), patch.patched(0, PatchPosition.DOCUMENTS));
        assertArrayEquals(patch.source(), patch.patched(DEPTH, PatchPosition.LAST));
        assertFarFrom(patch.clean(), patch.source());
        assertFarFrom(patch.clean(), patch.patched(1, PatchPosition.LAST));
        assertFarFrom(patch.clean(), patch.patched(1, PatchPosition.A));
      }
    }
    assertEquals(0, computing.memory().openScopes());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ownStatesChangeNoBit(String backend) {
    try (TinyRun run = trained(backend)) {
      Adapter adapter = run.adapter.view();
      List<PatchPair> pairs =
          swapped(run).stream().map(p -> new PatchPair(p.clean(), p.clean(), p.label())).toList();
      try (PatchRun patch =
          new PatchRun(run.decoder, adapter, adapter, pairs, ALL_LAYERS, ALL_POSITIONS)) {
        assertArrayEquals(patch.clean(), patch.source());
        for (int layer : ALL_LAYERS) {
          for (PatchPosition position : ALL_POSITIONS) {
            assertArrayEquals(patch.clean(), patch.patched(layer, position));
          }
        }
      }
    }
  }

  @Test
  void sharesSayWhereTheAnswerStands() {
    try (TinyRun run = trained("reference")) {
      PatchingResult result =
          ActivationPatching.of(run.reranker, run.adapter)
              .positions(PatchPosition.LAST, PatchPosition.values())
              .run(pairs(run));
      assertEquals(15, result.rows().size());
      assertEquals(1, row(result, 0, PatchPosition.DOCUMENTS).share());
      assertEquals(1, row(result, DEPTH, PatchPosition.LAST).share());
      // The last token of every prompt is the same word.
      assertEquals(0, row(result, 0, PatchPosition.LAST).change().mean());
      // Behind the last layer nothing but the last token is read.
      assertEquals(0, row(result, DEPTH, PatchPosition.DOCUMENTS).change().mean());
      // The query stands before the passages, so it does not know their order.
      for (int layer : ALL_LAYERS) {
        assertEquals(0, row(result, layer, PatchPosition.QUERY).change().mean(), 1e-9);
      }
      assertEquals(result.n(), row(result, 1, PatchPosition.A).change().n());
    }
  }

  /** At the embedding, putting B's words in A's place asks about (B, B). */
  @Test
  void patchingTheEmbeddingIsReplacingTheWords() {
    try (TinyRun run = trained("reference")) {
      List<PatchPair> pairs = swapped(run);
      List<int[]> clean = new ArrayList<>();
      List<int[]> twice = new ArrayList<>();
      for (PatchPair pair : pairs) {
        EncodedPrompt prompt = pair.clean();
        int[] ids = prompt.ids().clone();
        System.arraycopy(
            pair.source().ids(),
            prompt.documentA().start(),
            ids,
            prompt.documentA().start(),
            prompt.documentA().size());
        clean.add(prompt.ids());
        twice.add(ids);
      }
      Reranker asked = run.reranker.withAdapter(run.adapter.view());
      List<PairScore> before = asked.scoreEncoded(clean);
      List<PairScore> after = asked.scoreEncoded(twice);
      double change = 0;
      for (int i = 0; i < pairs.size(); i++) {
        change += margin(after.get(i), pairs.get(i)) - margin(before.get(i), pairs.get(i));
      }
      PatchingResult result =
          ActivationPatching.of(run.reranker, run.adapter)
              .positions(PatchPosition.A, PatchPosition.B, PatchPosition.QUERY)
              .layers(0)
              .run(pairs(run));
      assertEquals(pairs.size(), result.n());
      assertEquals(change / pairs.size(), row(result, 0, PatchPosition.A).change().mean(), 1e-6);
    }
  }

  private static double margin(PairScore score, PatchPair pair) {
    return (score.logitA() - score.logitB()) * (1 - 2 * pair.label());
  }

  @Test
  void untrainedStatesTakeTheTrainingBack() {
    try (TinyRun run = trained("reference")) {
      PatchingResult result =
          ActivationPatching.of(run.reranker, run.adapter)
              .source(PatchSource.UNTRAINED)
              .positions(PatchPosition.LAST, PatchPosition.DOCUMENTS)
              .run(pairs(run));
      assertEquals(20, result.n());
      assertEquals(PatchSource.UNTRAINED, result.source());
      assertEquals(0, row(result, 0, PatchPosition.LAST).change().mean());
      assertEquals(0, row(result, 0, PatchPosition.DOCUMENTS).change().mean());
      assertEquals(1, row(result, DEPTH, PatchPosition.LAST).share());
      double[] trained = margins(run, run.adapter.view());
      double[] untrained = margins(run, run.adapter.view().headOnly());
      assertEquals(
          MeanInterval.ofDifferences(trained, untrained).mean(),
          row(result, DEPTH, PatchPosition.LAST).change().mean(),
          1e-6);
    }
  }

  private static double[] margins(TinyRun run, Adapter adapter) {
    List<PairExample> pairs = pairs(run);
    List<PairScore> scores =
        run.reranker
            .withAdapter(adapter)
            .score(pairs.stream().map(p -> new PassagePair(p.query(), p.a(), p.b())).toList());
    return Answers.of(scores, pairs).margins();
  }

  @Test
  void theLastTokenNeedsNoEqualLengths() {
    try (TinyRun run = trained("reference")) {
      List<PairExample> pairs =
          List.of(
              new PairExample("what is river", "the river runs a long way down", "a stone", 0),
              new PairExample("what is music", "the cell", "some music to be heard today", 1));
      ActivationPatching last = ActivationPatching.of(run.reranker, run.adapter).layers(1, DEPTH);
      PatchingResult result = last.run(pairs);
      assertEquals(2, result.n());
      assertEquals(1, row(result, DEPTH, PatchPosition.LAST).share());
      assertEquals(List.of(1, 2), result.rows().stream().map(PatchingResult.Row::layer).toList());
      // Cut to the shorter, the passages are equally long.
      PatchingResult both = last.positions(PatchPosition.DOCUMENTS, PatchPosition.LAST).run(pairs);
      assertTrue(both.n() >= 1, both::toString);
      assertEquals(Integer.toString(2 - both.n()), both.provenance().get("pairs_left_out"));
    }
  }

  @Test
  void pairsThatDoNotMatchAreLeftOut() {
    try (TinyRun run = trained("reference")) {
      PairExample none = new PairExample("what is river", "the river", "", 0);
      ActivationPatching a =
          ActivationPatching.of(run.reranker, run.adapter).positions(PatchPosition.A);
      String message =
          assertThrows(AblationException.class, () -> a.run(List.of(none))).getMessage();
      assertTrue(message.contains("none of 1 pairs has a at the same places"), message);
      List<PairExample> more = new ArrayList<>(pairs(run));
      PatchingResult all = a.run(more);
      more.add(none);
      PatchingResult result = a.run(more);
      assertEquals(all.rows(), result.rows());
      assertEquals(21 - result.n() + "", result.provenance().get("pairs_left_out"));
    }
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    try (TinyRun run = trained("reference")) {
      Path file = folder.resolve("patching.json");
      ActivationPatching patching =
          ActivationPatching.of(run.reranker, run.adapter).provenance(Map.of("model", "tiny"));
      PatchingResult result = patching.run(pairs(run));
      result.write(file);
      assertEquals(result, PatchingResult.read(file));
      assertEquals(
          Map.of("model", "tiny", "pairs_left_out", "0"), PatchingResult.read(file).provenance());
    }
  }

  /** Where source and clean run are the same, no change is a share of theirs. */
  @Test
  void anUntrainedAdapterHasNoShares() throws IOException {
    try (TinyRun run = new TinyRun(model, "reference", 0, TrainingOptions.builder().build());
        LoraAdapter fresh = LoraAdapter.on(run.decoder).targets("q_proj").attach()) {
      PatchingResult result =
          ActivationPatching.of(run.reranker, fresh)
              .source(PatchSource.UNTRAINED)
              .run(pairs(run).subList(0, 1));
      Path file = folder.resolve("patching.json");
      result.write(file);
      assertTrue(Files.readString(file).contains("\"share\": null"));
      assertTrue(Files.readString(file).contains("\"low\": null"));
      assertEquals(result, PatchingResult.read(file));
      assertEquals(Double.NaN, result.rows().get(0).share());
    }
  }

  @Test
  void tellsHowFarItHasCome() {
    try (TinyRun run = trained("reference")) {
      List<String> told = new ArrayList<>();
      ActivationPatching.of(run.reranker, run.adapter)
          .layers(0, 1)
          .progress((done, total) -> told.add(done + "/" + total))
          .run(pairs(run));
      assertEquals(List.of("16/20", "20/20"), told);
    }
  }

  @Test
  void anAdapterOfAnotherDecoderIsRefused() {
    try (TinyRun run = new TinyRun(model, "reference", 0, TrainingOptions.builder().build());
        TinyRun other = new TinyRun(model, "reference", 0, TrainingOptions.builder().build())) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> ActivationPatching.of(run.reranker, other.adapter))
              .getMessage();
      assertTrue(message.contains("another decoder"), message);
    }
  }

  @Test
  void logitsThatAreNoNumbersAreNoAnswer() {
    try (TinyRun run = new TinyRun(model, "reference", 0, TrainingOptions.builder().build())) {
      run.adapter.parameters().fill(Float.MAX_VALUE);
      ActivationPatching patching = ActivationPatching.of(run.reranker, run.adapter);
      assertThrows(ScoreException.class, () -> patching.run(pairs(run)));
    }
  }

  @Test
  void aLayerThatIsNotThereIsRefused() {
    try (TinyRun run = new TinyRun(model, "reference", 0, TrainingOptions.builder().build())) {
      ActivationPatching patching = ActivationPatching.of(run.reranker, run.adapter);
      assertThrows(IllegalArgumentException.class, () -> patching.layers(3));
      assertThrows(IllegalArgumentException.class, () -> patching.layers(-1));
    }
  }

  private static PatchingResult.Row row(PatchingResult result, int layer, PatchPosition position) {
    return result.rows().stream()
        .filter(r -> r.layer() == layer && r.position() == position)
        .findFirst()
        .orElseThrow();
  }

  private static void assertFarFrom(double[] one, double[] other) {
    double distance = 0;
    for (int i = 0; i < one.length; i++) {
      distance += Math.abs(one[i] - other[i]) / one.length;
    }
    double mean = distance;
    assertTrue(mean > 1e-3, () -> mean + " between " + Arrays.toString(one));
  }
}
