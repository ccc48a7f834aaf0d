package io.github.lorascope.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.tap.HiddenStateTap;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.TinyRun;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeSeriesTest {
  private static final LinearProbe PROBE =
      LinearProbe.crossValidated(2).standardize(true).controlTask(1);

  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 20);
  }

  private static TrainingOptions options() {
    return TrainingOptions.builder()
        .steps(6)
        .batch(4)
        .learningRate(5e-3)
        .schedule(Schedule.CONSTANT, 0)
        .evaluateEvery(2)
        .checkpointEvery(3)
        .seed(3)
        .build();
  }

  private static TinyRun open() {
    return new TinyRun(model, "reference", 0, options());
  }

  private static List<PairExample> pairs(TinyRun run) {
    return run.triples.evaluationPairs().subList(0, 16);
  }

  private static List<ProbePoint> train(Path out, boolean resume) {
    try (TinyRun run = open()) {
      ProbeSeries series = ProbeSeries.on(pairs(run)).probe(PROBE);
      run.train(new RunFolder(out), resume, pairs(run), series);
      return series.points();
    }
  }

  private static void kill(Path out, int step) {
    try (TinyRun run = open()) {
      ProbeSeries series = ProbeSeries.on(pairs(run)).probe(PROBE);
      TrainingListener death = TinyRun.dieIn(step);
      assertThrows(
          TinyRun.Killed.class,
          () -> run.train(new RunFolder(out), true, pairs(run), series, death));
    }
  }

  @Test
  void probesEveryLayerAtEveryEvaluation() {
    List<ProbePoint> points = train(folder, false);
    assertEquals(
        List.of("0 0", "0 1", "0 2", "2 0", "2 1", "2 2", "4 0", "4 1", "4 2", "6 0", "6 1", "6 2"),
        points.stream().map(p -> p.step() + " " + p.layer()).toList());
    assertEquals(points, ProbePoint.read(folder.resolve("probes.jsonl")));
    for (ProbePoint point : points) {
      assertEquals(16, point.accuracy().trials());
      if (point.layer() == 0) {
        // The last token is the same word in every prompt.
        assertEquals(points.get(0).accuracy(), point.accuracy());
        assertTrue(point.accuracy().accuracy() <= 0.5, point::toString);
      }
    }
  }

  @Test
  void probesTheStatesOfTheChosenLayers() {
    try (TinyRun run = open()) {
      List<PairExample> pairs = pairs(run);
      ProbeSeries series = ProbeSeries.on(pairs).layers(2, 1).probe(PROBE);
      run.train(null, false, pairs, series);
      List<int[]> prompts =
          pairs.stream()
              .map(p -> run.reranker.encode(new PassagePair(p.query(), p.a(), p.b())).ids())
              .toList();
      float[][] last = new float[pairs.size()][];
      TokenBatch batch = TokenBatch.of(prompts);
      try (DecoderPass pass =
          run.decoder.forwardEdited(
              batch,
              run.adapter.view(),
              (passed, states) -> {
                for (int s = 0; passed == 2 && s < last.length; s++) {
                  last[s] = states.rows(s, s + 1).toArray();
                }
              })) {
        assertEquals(last.length, pass.logits().rows());
      }
      float[][] seen =
          HiddenStateTap.layers(2)
              .collect(run.reranker.withAdapter(run.adapter.view()), pairs)
              .layer(2);
      for (int s = 0; s < last.length; s++) {
        assertArrayEquals(last[s], seen[s], 1e-5f);
      }
      List<ProbePoint> points = series.points();
      ProbePoint end = points.get(points.size() - 1);
      LinearProbe.Result expected = PROBE.controlTask(1 + 2).fit(seen, pairs);
      assertEquals(new ProbePoint(6, 2, expected.accuracy(), expected.control()), end);
    }
  }

  @Test
  void aKilledRunGoesOnWithoutGapOrDoubleEntry() throws IOException {
    Path straight = folder.resolve("straight");
    final List<ProbePoint> points = train(straight, false);
    for (int step = 1; step <= 6; step++) {
      Path killed = folder.resolve("killed-" + step);
      kill(killed, step);
      assertEquals(points, train(killed, true));
      assertSame(straight, killed, "probes.jsonl");
    }
    Path again = folder.resolve("again");
    kill(again, 3);
    kill(again, 5);
    kill(again, 4);
    assertEquals(points, train(again, true));
    assertSame(straight, again, "probes.jsonl");
  }

  @Test
  void attachingItChangesNoTrainedBit() throws IOException {
    Path with = folder.resolve("with");
    Path without = folder.resolve("without");
    train(with, false);
    try (TinyRun run = open()) {
      run.train(new RunFolder(without), false, pairs(run));
    }
    assertSame(with, without, "adapter/adapter_model.safetensors");
    assertEquals(TinyRun.metrics(with), TinyRun.metrics(without));
    assertFalse(Files.exists(without.resolve("probes.jsonl")));
  }

  @Test
  void writesNullWhereThereIsNoControl() throws IOException {
    try (TinyRun run = open()) {
      ProbeSeries series =
          ProbeSeries.on(pairs(run)).layers(1).probe(LinearProbe.crossValidated(2));
      run.train(new RunFolder(folder), false, pairs(run), series);
      assertEquals(series.points(), ProbePoint.read(folder.resolve("probes.jsonl")));
      assertTrue(series.points().get(0).control().isEmpty());
    }
    assertTrue(
        Files.readAllLines(folder.resolve("probes.jsonl"))
            .get(0)
            .endsWith("\"control\":null,\"selectivity\":null}"));
    Path file = folder.resolve("probes.jsonl");
    Files.writeString(file, "{\"step\":0,\"layer\":1,\"n\":4,\"accuracy\":1.5}\n");
    String message = assertThrows(JsonException.class, () -> ProbePoint.read(file)).getMessage();
    assertTrue(message.startsWith(file + " line 1: "), message);
  }

  @Test
  void aLayerThatIsNotThereIsRefused() {
    try (TinyRun run = open()) {
      ProbeSeries series = ProbeSeries.on(pairs(run)).layers(3);
      assertThrows(
          IllegalArgumentException.class, () -> run.train(null, false, pairs(run), series));
    }
  }

  private static void assertSame(Path a, Path b, String file) throws IOException {
    assertEquals(-1, Files.mismatch(a.resolve(file), b.resolve(file)), file);
  }
}
