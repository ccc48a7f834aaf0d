package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.Adapter;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.PairedAccuracy;
import io.github.lorascope.metric.Proportion;
import io.github.lorascope.rerank.PairScore;
import io.github.lorascope.rerank.ScoreException;
import io.github.lorascope.train.Evaluator;
import io.github.lorascope.train.TinyRun;
import io.github.lorascope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnockOutTest {
  private static TinyRun run;
  private static List<PairExample> pairs;

  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void train() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 20);
    run =
        new TinyRun(
            model,
            "reference",
            0,
            TrainingOptions.builder().steps(30).batch(4).learningRate(1e-2).seed(3).build());
    run.train(null, false);
    pairs = run.triples.evaluationPairs().subList(0, 20);
  }

  @AfterAll
  static void close() {
    run.close();
  }

  private static List<PairScore> scores(Adapter adapter) {
    return new Evaluator(run.reranker.withAdapter(adapter), pairs).score(done -> {});
  }

  /** Answers of the adapter with B of one layer's paths zero. */
  private List<PairScore> scoresWithZeros(int layer) {
    Path copy = folder.resolve("adapter-" + layer);
    run.adapter.save(copy, Map.of());
    try (LoraAdapter zeroed = LoraAdapter.load(run.decoder, copy)) {
      zeroed
          .view()
          .values()
          .paths()
          .forEach(
              (site, pair) -> {
                if (site.layer() == layer) {
                  pair.b().fill(0);
                }
              });
      return scores(zeroed.view());
    }
  }

  private static double margin(PairScore score, int label) {
    return (score.logitA() - score.logitB()) * (1 - 2 * label);
  }

  @Test
  void answersAsTheAdapterWithoutTheLayer() {
    KnockOutResult result = KnockOut.of(run.reranker, run.adapter).run(pairs);
    List<PairScore> whole = scores(run.adapter.view());
    assertEquals(List.of(0, 1), result.rows().stream().map(KnockOutResult.Row::layer).toList());
    assertEquals(20, result.n());
    for (KnockOutResult.Row row : result.rows()) {
      List<PairScore> without = scoresWithZeros(row.layer());
      double before = 0;
      double after = 0;
      boolean[] rightBefore = new boolean[pairs.size()];
      boolean[] rightAfter = new boolean[pairs.size()];
      for (int i = 0; i < pairs.size(); i++) {
        int label = pairs.get(i).label();
        before += margin(whole.get(i), label) / pairs.size();
        after += margin(without.get(i), label) / pairs.size();
        rightBefore[i] = whole.get(i).preferred() == label;
        rightAfter[i] = without.get(i).preferred() == label;
      }
      assertEquals(Proportion.of(rightBefore).accuracy(), result.accuracy());
      assertEquals(Proportion.of(rightAfter), row.accuracy());
      assertEquals(before, result.margin(), 1e-9);
      assertEquals(after, row.margin(), 1e-9);
      assertEquals(after - before, row.marginChange().mean(), 1e-9);
      assertTrue(row.marginChange().low() < row.marginChange().high());
      PairedAccuracy paired = PairedAccuracy.of(rightBefore, rightAfter);
      assertEquals(paired.difference(), row.accuracyChange());
      assertEquals(paired.low(), row.accuracyChangeLow());
      assertEquals(paired.high(), row.accuracyChangeHigh());
      assertEquals(paired.probability(), row.p());
      assertTrue(Math.abs(row.marginChange().mean()) > 1e-3, row::toString);
    }
  }

  @Test
  void anUntrainedAdapterIsNotMissed() {
    try (LoraAdapter fresh =
        LoraAdapter.on(run.decoder).targets("q_proj").layers(1).rank(2).attach()) {
      KnockOutResult result = KnockOut.of(run.reranker, fresh).run(pairs);
      assertEquals(1, result.rows().size());
      KnockOutResult.Row row = result.rows().get(0);
      assertEquals(1, row.layer());
      assertEquals(0, row.marginChange().mean());
      assertEquals(0, row.marginChange().high());
      assertEquals(0, row.accuracyChange());
      assertEquals(1, row.p());
      assertEquals(result.margin(), row.margin());
    }
  }

  @Test
  void withoutTheOnlyLayerTheHeadIsLeft() {
    try (LoraAdapter one =
        LoraAdapter.on(run.decoder).targets("v_proj").layers(0).rank(2).attach()) {
      one.parameters().fill(0.05f);
      KnockOutResult result = KnockOut.of(run.reranker, one).run(pairs);
      List<PairScore> left = scores(one.view().headOnly());
      double margin = 0;
      for (int i = 0; i < pairs.size(); i++) {
        margin += margin(left.get(i), pairs.get(i).label()) / pairs.size();
      }
      assertEquals(margin, result.rows().get(0).margin(), 1e-9);
    }
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Path file = folder.resolve("knockout.json");
    KnockOutResult result =
        KnockOut.of(run.reranker, run.adapter).provenance(Map.of("model", "tiny")).run(pairs);
    result.write(file);
    assertEquals(result, KnockOutResult.read(file));
    assertEquals(Map.of("model", "tiny"), result.provenance());
    // One pair has no interval.
    KnockOutResult single = KnockOut.of(run.reranker, run.adapter).run(pairs.subList(0, 1));
    single.write(file);
    assertEquals(single, KnockOutResult.read(file));
    assertTrue(Files.readString(file).contains("\"margin_change_low\": null"));
    Files.writeString(
        file, Files.readString(file).replaceAll("\"accuracy\": [0-9.]+", "\"accuracy\": 1.5"));
    String message =
        assertThrows(JsonException.class, () -> KnockOutResult.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertNotEquals(result, single);
  }

  @Test
  void tellsHowFarItHasCome() {
    List<String> told = new ArrayList<>();
    KnockOut.of(run.reranker, run.adapter)
        .progress((done, total) -> told.add(done + "/" + total))
        .run(pairs);
    assertEquals(List.of("16/20", "20/20"), told);
  }

  @Test
  void anAdapterOfAnotherDecoderIsRefused() {
    try (TinyRun other = new TinyRun(model, "reference", 0, TrainingOptions.builder().build())) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> KnockOut.of(run.reranker, other.adapter))
              .getMessage();
      assertTrue(message.contains("another decoder"), message);
    }
  }

  @Test
  void logitsThatAreNoNumbersAreNoAnswer() {
    try (LoraAdapter huge =
        LoraAdapter.on(run.decoder).targets("q_proj").layers(1).rank(2).attach()) {
      huge.parameters().fill(Float.MAX_VALUE);
      KnockOut knockOut = KnockOut.of(run.reranker, huge);
      assertThrows(ScoreException.class, () -> knockOut.run(pairs));
    }
  }

  @Test
  void noPairsAreRefused() {
    KnockOut knockOut = KnockOut.of(run.reranker, run.adapter);
    assertThrows(IllegalArgumentException.class, () -> knockOut.run(List.of()));
  }
}
