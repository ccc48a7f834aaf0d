package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.metric.Proportion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BestAdapterTest {
  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.tsv(TinyModel.write(model).resolve("triples.tsv"), 64);
  }

  private static TrainingOptions options(int steps) {
    return TrainingOptions.builder()
        .steps(steps)
        .batch(4)
        .learningRate(3e-2)
        .schedule(Schedule.CONSTANT, 0)
        .evaluateEvery(1)
        .checkpointEvery(3)
        .seed(3)
        .build();
  }

  private static TinyRun run(int steps) {
    return new TinyRun(model, "reference", 0, options(steps));
  }

  private static TrainingStart start(TinyRun run, boolean resumed) {
    return new TrainingStart(
        0,
        resumed,
        false,
        options(9),
        run.adapter,
        run.reranker,
        Optional.empty(),
        Map.of("data", "tiny"));
  }

  private static Evaluation of(int right, double loss) {
    return new Evaluation(new Proportion(right, 10), 0.5, loss, 1);
  }

  @Test
  void moreRightAnswersOrAsManyAtALowerLossAreBetter() {
    try (TinyRun run = run(1)) {
      BestAdapter best = BestAdapter.in(folder.resolve("best"));
      best.started(start(run, false));
      assertEquals(OptionalInt.empty(), best.step());
      Object[][] evaluations = {
        {0, of(5, 0.7), 0}, // the first
        {1, of(4, 0.1), 0},
        {2, of(5, 0.7), 0}, // no better
        {3, of(5, 0.6), 3},
        {4, of(6, 0.9), 4},
        {5, of(6, 0.95), 4}
      };
      for (Object[] row : evaluations) {
        best.evaluated((int) row[0], (Evaluation) row[1]);
        assertEquals(OptionalInt.of((int) row[2]), best.step(), "after step " + row[0]);
      }
      Map<String, String> told =
          SafetensorsFile.open(folder.resolve("best/adapter_model.safetensors")).metadata();
      assertEquals("4", told.get("best_step"));
      assertEquals("tiny", told.get("data"));
    }
  }

  @Test
  void itIsTheAdapterOfThatStep() {
    List<Double> accuracies = new ArrayList<>();
    List<float[]> parameters = new ArrayList<>();
    RunFolder out = new RunFolder(folder.resolve("run"));
    BestAdapter best = BestAdapter.in(out.best());
    try (TinyRun run = run(8)) {
      List<PairExample> pairs = run.triples.evaluationPairs();
      TrainingListener seen =
          new TrainingListener() {
            @Override
            public void evaluated(int step, Evaluation evaluation) {
              accuracies.add(evaluation.accuracy().accuracy());
              parameters.add(run.adapter.parameters().toArray());
            }
          };
      run.train(out, false, pairs, best, seen);
      int step = best.step().orElseThrow();
      double highest = accuracies.stream().mapToDouble(x -> x).max().orElseThrow();
      assertEquals(9, accuracies.size());
      assertEquals(highest, accuracies.get(step));
      assertTrue(highest > accuracies.get(0), accuracies + ": nothing is learned");
      try (LoraAdapter kept = LoraAdapter.load(run.decoder, out.best())) {
        assertArrayEquals(parameters.get(step), kept.parameters().toArray());
        assertEquals(
            run.adapter.promptSettings().get().limits(), kept.promptSettings().get().limits());
      }
    }
  }

  @Test
  void aRunThatWasKilledKeepsTheSameOne() throws IOException {
    RunFolder whole = new RunFolder(folder.resolve("whole"));
    try (TinyRun run = run(8)) {
      run.train(whole, false, run.triples.evaluationPairs(), BestAdapter.in(whole.best()));
    }
    RunFolder killed = new RunFolder(folder.resolve("killed"));
    try (TinyRun run = run(8)) {
      List<PairExample> pairs = run.triples.evaluationPairs();
      BestAdapter best = BestAdapter.in(killed.best());
      assertThrows(
          TinyRun.Killed.class, () -> run.train(killed, false, pairs, best, TinyRun.dieIn(6)));
    }
    try (TinyRun run = run(8)) {
      BestAdapter best = BestAdapter.in(killed.best());
      run.train(killed, true, run.triples.evaluationPairs(), best);
      assertTrue(best.step().isPresent());
    }
    for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
      assertArrayEquals(
          Files.readAllBytes(whole.best().resolve(file)),
          Files.readAllBytes(killed.best().resolve(file)));
    }
  }

  @Test
  void whatAnotherTrainingLeftIsNotComparedWith() {
    try (TinyRun run = run(1)) {
      BestAdapter first = BestAdapter.in(folder);
      first.started(start(run, false));
      first.evaluated(7, of(10, 0.1));
      BestAdapter goesOn = BestAdapter.in(folder);
      goesOn.started(start(run, true));
      goesOn.evaluated(8, of(9, 0.2));
      assertEquals(OptionalInt.of(7), goesOn.step());
      BestAdapter anew = BestAdapter.in(folder);
      anew.started(start(run, false));
      anew.evaluated(0, of(5, 0.7));
      assertEquals(OptionalInt.of(0), anew.step());
    }
  }

  @Test
  void anAdapterThatDoesNotSayWhatItWasBestOfIsLeftAlone() throws IOException {
    try (TinyRun run = run(1)) {
      run.adapter.save(folder, Map.of());
      byte[] before = Files.readAllBytes(folder.resolve("adapter_model.safetensors"));
      BestAdapter best = BestAdapter.in(folder);
      TrainingException e =
          assertThrows(TrainingException.class, () -> best.started(start(run, true)));
      assertTrue(e.getMessage().contains("does not say which evaluation"), e.getMessage());
      assertArrayEquals(before, Files.readAllBytes(folder.resolve("adapter_model.safetensors")));
      assertFalse(best.step().isPresent());
    }
  }
}
