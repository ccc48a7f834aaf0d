package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.io.FileDigest;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.prompt.PromptLimits;
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
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 64);
  }

  static List<String> backends() {
    return Backends.names();
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder()
        .steps(8)
        .batch(8)
        .learningRate(5e-3)
        .schedule(Schedule.LINEAR, 2)
        .seed(3);
  }

  /** The parameters after a training without a folder. */
  private static float[] trained(TrainingOptions options, double dropout, List<StepRecord> steps) {
    try (TinyRun run = new TinyRun(model, "reference", dropout, options)) {
      run.train(
          null,
          false,
          new TrainingListener() {
            @Override
            public void stepDone(StepRecord record) {
              steps.add(record);
            }
          });
      return run.adapter.parameters().toArray();
    }
  }

  private static float[] trained(TrainingOptions options, double dropout) {
    return trained(options, dropout, new ArrayList<>());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theLossFalls(String backend) {
    TrainingOptions options = options().steps(40).batch(16).learningRate(1e-2).build();
    List<Double> losses = new ArrayList<>();
    Backend computing;
    try (TinyRun run = new TinyRun(model, backend, 0, options)) {
      computing = run.backend();
      List<PairExample> pairs = run.triples.evaluationPairs();
      TrainingRun result =
          run.train(
              null,
              false,
              pairs,
              new TrainingListener() {
                @Override
                public void stepDone(StepRecord record) {
                  losses.add(record.loss());
                }
              });
      double first = losses.subList(0, 5).stream().mapToDouble(x -> x).average().orElseThrow();
      double last = losses.subList(35, 40).stream().mapToDouble(x -> x).average().orElseThrow();
      assertTrue(last < 0.7 * first, first + " to " + last);
      assertTrue(
          result.after().orElseThrow().loss() < 0.7 * result.before().orElseThrow().loss(),
          result.toString());
      assertEquals(40, result.steps());
      assertEquals(640, result.pairs());
      assertEquals(64, result.after().get().accuracy().trials());
    }
    assertEquals(0, computing.memory().used());
    assertEquals(0, computing.memory().openScopes());
  }

  @Test
  void theSeedDecidesAll() {
    float[] first = trained(options().build(), 0.2);
    assertArrayEquals(first, trained(options().build(), 0.2));
    assertFalse(Arrays.equals(first, trained(options().seed(4).build(), 0.2)));
    assertFalse(Arrays.equals(first, trained(options().build(), 0)));
    assertArrayEquals(first, trained(options().recompute(true).build(), 0.2));
  }

  @Test
  void accumulatedPassesAreOneLargeBatch() {
    List<StepRecord> whole = new ArrayList<>();
    List<StepRecord> parts = new ArrayList<>();
    float[] expected = trained(options().steps(3).build(), 0, whole);
    float[] actual = trained(options().steps(3).batch(2).accumulate(4).build(), 0, parts);
    for (int i = 0; i < 3; i++) {
      assertEquals(whole.get(i).loss(), parts.get(i).loss(), 1e-5);
      assertEquals(whole.get(i).gradientNorm(), parts.get(i).gradientNorm(), 1e-4);
      assertEquals(whole.get(i).tokens(), parts.get(i).tokens());
      assertEquals(whole.get(i).accuracy(), parts.get(i).accuracy());
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertTrue(Math.sqrt(difference / norm) < 1e-3, difference + " of " + norm);
  }

  @Test
  void aGradientWithinTheClipIsLeftAndALargerOneIsCut() {
    List<StepRecord> steps = new ArrayList<>();
    float[] free = trained(options().clip(0).build(), 0, steps);
    double largest = steps.stream().mapToDouble(StepRecord::gradientNorm).max().orElseThrow();
    assertArrayEquals(free, trained(options().clip(largest * 1.01).build(), 0));
    List<StepRecord> clipped = new ArrayList<>();
    float[] cut = trained(options().clip(largest * 1e-7).build(), 0, clipped);
    assertFalse(Arrays.equals(free, cut));
    // Recorded before it is cut.
    assertEquals(steps.get(0).gradientNorm(), clipped.get(0).gradientNorm());
    // So small a gradient is of the order of AdamW's epsilon, so that it moves less.
    assertTrue(distance(cut) < 0.9 * distance(free), distance(cut) + " of " + distance(free));
  }

  private static double distance(float[] parameters) {
    try (TinyRun run = new TinyRun(model, "reference", 0, options().build())) {
      float[] start = run.adapter.parameters().toArray();
      double sum = 0;
      for (int i = 0; i < start.length; i++) {
        sum += Math.pow(parameters[i] - start[i], 2);
      }
      return Math.sqrt(sum);
    }
  }

  @Test
  void everyStepHasALineWithItsNumbers() throws IOException {
    TrainingOptions options = options().evaluateEvery(4).build();
    List<StepRecord> steps = new ArrayList<>();
    List<PairExample> pairs;
    long heldBetweenSteps;
    long peak;
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      pairs = run.triples.evaluationPairs().subList(0, 10);
      heldBetweenSteps = run.backend().memory().used();
      run.train(
          new RunFolder(folder),
          false,
          pairs,
          new TrainingListener() {
            @Override
            public void stepDone(StepRecord record) {
              steps.add(record);
            }
          });
      peak = run.backend().memory().peak();
    }
    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    assertEquals(8, lines.size());
    double mean = 0;
    for (int i = 0; i < 8; i++) {
      JsonObject line = Json.parse(lines.get(i), "line");
      assertEquals(i + 1, line.integer("step"));
      assertEquals(steps.get(i).loss(), line.number("loss"));
      mean = 0.95 * mean + 0.05 * line.number("loss");
      assertEquals(mean / (1 - Math.pow(0.95, i + 1)), line.number("smoothed_loss"), 1e-12);
      assertEquals(
          5e-3 * Math.min(1, (i + 1) / 2.0) * (1 - i / 8.0), line.number("learning_rate"), 1e-12);
      assertTrue(line.number("gradient_norm") > 0);
      assertEquals(0, line.number("accuracy") * 8 % 1);
      assertTrue(line.number("mean_p_correct") > 0 && line.number("mean_p_correct") < 1);
      assertTrue(line.integer("tokens") > 8 * 5);
      assertEquals(steps.get(i).peakMemoryBytes(), line.integer("peak_memory_bytes"));
      assertTrue(line.integer("peak_memory_bytes") > heldBetweenSteps);
      assertTrue(line.integer("peak_memory_bytes") <= peak);
      assertEquals(i == 3 || i == 7, line.has("eval_loss"));
      if (i == 3 || i == 7) {
        assertEquals(10, line.integer("eval_n"));
        assertTrue(line.number("eval_accuracy_low") <= line.number("eval_accuracy"));
        assertTrue(line.number("eval_accuracy_high") >= line.number("eval_accuracy"));
        assertTrue(line.number("eval_mean_p_correct") > 0);
      }
    }
  }

  @Test
  void listenersAreToldInOrder() {
    List<String> told = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(TrainingStart start) {
            told.add("started " + start.step() + (start.resumed() ? " resumed" : ""));
          }

          @Override
          public void gradient(int step, Tensor gradient) {
            told.add("gradient " + step);
          }

          @Override
          public void clipped(int step, Tensor gradient) {
            told.add("clipped " + step);
          }

          @Override
          public void updated(int step, Tensor parameters) {
            told.add("updated " + step);
          }

          @Override
          public void evaluating(int done, int total) {
            told.add("evaluating " + done + "/" + total);
          }

          @Override
          public void evaluated(int step, Evaluation evaluation) {
            told.add("evaluated " + step);
          }

          @Override
          public void stepDone(StepRecord record) {
            told.add("step " + record.step());
          }

          @Override
          public void finished(TrainingRun run) {
            told.add("finished " + run.steps());
          }
        };
    TrainingOptions options = options().steps(3).evaluateEvery(2).build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      run.train(null, false, run.triples.evaluationPairs().subList(0, 20), listener);
    }
    List<String> evaluation = List.of("evaluating 16/20", "evaluating 20/20");
    List<String> expected = new ArrayList<>(List.of("started 0"));
    expected.addAll(evaluation);
    expected.add("evaluated 0");
    expected.addAll(List.of("gradient 1", "clipped 1", "updated 1", "step 1"));
    expected.addAll(List.of("gradient 2", "clipped 2", "updated 2", "step 2"));
    expected.addAll(evaluation);
    expected.add("evaluated 2");
    expected.addAll(List.of("gradient 3", "clipped 3", "updated 3", "step 3"));
    expected.addAll(evaluation);
    expected.addAll(List.of("evaluated 3", "finished 3"));
    assertEquals(expected, told);
  }

  @Test
  void aFinishedTrainingIsReturnedAgain() {
    try (TinyRun run = new TinyRun(model, "reference", 0, options().steps(2).build())) {
      for (List<PairExample> pairs :
          List.of(List.<PairExample>of(), run.triples.evaluationPairs())) {
        Trainer trainer =
            Trainer.of(run.reranker, run.adapter)
                .data(new EpochSampler(run.triples, 0))
                .evaluation(pairs)
                .options(options().steps(2).build())
                .folder(new RunFolder(folder.resolve(pairs.size() + " pairs")), false)
                .build();
        TrainingRun first = trainer.run();
        float[] trained = run.adapter.parameters().toArray();
        assertEquals(first, trainer.run());
        assertArrayEquals(trained, run.adapter.parameters().toArray());
      }
    }
  }

  @Test
  void aStoppedTrainerIsNotRunAgain() {
    try (TinyRun run = new TinyRun(model, "reference", 0, options().build())) {
      Trainer[] trainer = new Trainer[1];
      trainer[0] =
          Trainer.of(run.reranker, run.adapter)
              .data(new EpochSampler(run.triples, 0))
              .evaluation(run.triples.evaluationPairs())
              .options(options().build())
              .listen(
                  new TrainingListener() {
                    @Override
                    public void stepDone(StepRecord record) {
                      trainer[0].stop();
                    }
                  })
              .build();
      TrainingRun stopped = trainer[0].run();
      assertEquals(1, stopped.steps());
      assertFalse(stopped.isFinished());
      float[] trained = run.adapter.parameters().toArray();
      String message =
          assertThrows(IllegalStateException.class, () -> trainer[0].run()).getMessage();
      assertTrue(message.contains("build another one"), message);
      assertArrayEquals(trained, run.adapter.parameters().toArray());
    }
  }

  @Test
  void aQueryThatLeavesNoRoomIsSaidBeforeTheTraining() throws IOException {
    Path file = folder.resolve("long.tsv");
    String words = "one two three four five six seven eight nine ten ".repeat(4).strip();
    Files.writeString(file, "short\tgood\tbad\n" + words + "\tgood\tbad\n");
    try (TinyRun run = new TinyRun(model, "reference", 0, options().build())) {
      Triples triples = Triples.tsv(file);
      Reranker reranker = run.reranker.withLimits(new PromptLimits(0, 24));
      Trainer.Builder building =
          Trainer.of(reranker, run.adapter).data(new EpochSampler(triples, 0));
      String message = assertThrows(PromptException.class, building::build).getMessage();
      assertTrue(message.contains("long.tsv") && message.contains("one two"), message);
      assertTrue(message.contains("at most 24 tokens"), message);
      building.data(new EpochSampler(Triples.tsv(file, 1), 0)).build();
    }
  }

  @Test
  void whatItStartedFromIsTold() {
    TrainingOptions options = options().steps(1).build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      run.train(new RunFolder(folder.resolve("first")), false);
      assertFalse(Json.read(folder.resolve("first/provenance.json")).has("start_adapter"));
      Path start = folder.resolve("first/adapter");
      RunFolder second = new RunFolder(folder.resolve("second"));
      try (LoraAdapter loaded = LoraAdapter.load(run.decoder, start)) {
        Trainer.of(run.reranker, loaded)
            .data(new EpochSampler(run.triples, 0))
            .options(options)
            .folder(second, false)
            .build()
            .run();
      }
      JsonObject told = Json.read(second.provenance());
      Path file = start.resolve("adapter_model.safetensors");
      assertEquals(file.toString(), told.string("start_adapter"));
      assertEquals(FileDigest.sha256(file), told.string("start_adapter_sha256"));
    }
  }

  @Test
  void anAdapterTellsHowItWasAsked() {
    TrainingOptions options = options().steps(1).build();
    RunFolder first = new RunFolder(folder.resolve("asked"));
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      assertEquals(Optional.empty(), run.adapter.promptSettings());
      run.train(first, false);
      assertEquals(
          run.reranker.settings().values(), run.adapter.promptSettings().orElseThrow().values());
      PassagePair pair = new PassagePair("one two", "two three", "four");
      try (LoraAdapter loaded = LoraAdapter.load(run.decoder, first.adapter());
          Reranker plain = Reranker.pairwise(run.decoder)) {
        Reranker asked = loaded.asTrained(plain);
        assertEquals(run.reranker.prompt().template(), asked.prompt().template());
        assertEquals(run.reranker.limits(), asked.limits());
        loaded.save(folder.resolve("copy"), Map.of("by", "hand"));
        try (LoraAdapter copy = LoraAdapter.load(run.decoder, folder.resolve("copy"))) {
          assertEquals(asked.settings().values(), copy.promptSettings().orElseThrow().values());
        }
        Reranker trained = run.reranker.withAdapter(run.adapter.view());
        assertEquals(trained.score(List.of(pair)), asked.score(List.of(pair)));
        assertNotEquals(
            asked.score(List.of(pair)),
            plain.withAdapter(loaded.view()).score(List.of(pair)),
            "the prompt makes no difference");
      }
    }
  }

  @Test
  void anAdapterOfAnotherDecoderIsRefused() {
    try (TinyRun run = new TinyRun(model, "reference", 0, options().build());
        TinyRun other = new TinyRun(model, "reference", 0, options().build())) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> Trainer.of(run.reranker, other.adapter))
              .getMessage();
      assertTrue(message.contains("another decoder"), message);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e30, 1e38, 1e300})
  void aLossThatIsNoNumberStopsTheTraining(double rate) {
    TrainingOptions options =
        options().learningRate(rate).schedule(Schedule.CONSTANT, 0).steps(20).build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      NonFiniteLossException e =
          assertThrows(NonFiniteLossException.class, () -> run.train(new RunFolder(folder), false));
      assertTrue(e.step() >= 2 && e.step() <= 20, e.getMessage());
      assertTrue(e.getMessage().contains("at step " + e.step()), e.getMessage());
      assertTrue(e.getMessage().contains("Lower the learning rate"), e.getMessage());
      LoraAdapter.load(run.decoder, folder.resolve("adapter")).close();
    }
  }

  @Test
  void anUpdateThatMakesTheAdapterInfiniteIsNotSaved() {
    TrainingOptions options =
        options()
            .learningRate(1e38)
            .weightDecay(1e6)
            .schedule(Schedule.CONSTANT, 0)
            .steps(1)
            .build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      NonFiniteLossException e =
          assertThrows(NonFiniteLossException.class, () -> run.train(new RunFolder(folder), false));
      assertTrue(e.getMessage().contains("infinite at step 1"), e.getMessage());
      LoraAdapter.load(run.decoder, folder.resolve("adapter")).close();
    }
  }

  @Test
  void anEvaluationThatIsNoNumberStopsTheTraining() {
    TrainingOptions options =
        options().learningRate(1e38).schedule(Schedule.CONSTANT, 0).steps(1).build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      List<PairExample> pairs = run.triples.evaluationPairs();
      assertThrows(
          NonFiniteLossException.class, () -> run.train(new RunFolder(folder), false, pairs));
      LoraAdapter.load(run.decoder, folder.resolve("adapter")).close();
    }
  }

  @Test
  void aSureAndWrongAnswerHasAFiniteLoss() {
    assertEquals(2000, new io.github.lorascope.rerank.PairScore(1000, -1000).loss(1));
    assertEquals(0, new io.github.lorascope.rerank.PairScore(1000, -1000).loss(0));
    assertEquals(Math.log(2), new io.github.lorascope.rerank.PairScore(3, 3).loss(0), 1e-15);
  }

  @Test
  void theWarmUpIsATenthOfTheStepsUnlessItIsSaid() {
    assertEquals(100, TrainingOptions.builder().build().warmup());
    assertEquals(100, TrainingOptions.builder().steps(5000).build().warmup());
    assertEquals(20, TrainingOptions.builder().steps(200).build().warmup());
    TrainingOptions.Builder said = TrainingOptions.builder().schedule(Schedule.LINEAR, 3);
    assertEquals(3, said.steps(200).build().warmup());
    assertEquals(Schedule.LINEAR, said.build().schedule());
    TrainingOptions linear = TrainingOptions.builder().schedule(Schedule.LINEAR).steps(50).build();
    assertEquals(5, linear.warmup());
    assertEquals(Schedule.LINEAR, linear.schedule());
  }

  @Test
  void aSettingThatCannotBeIsNamedWithItsNumber() {
    TrainingOptions.Builder none = TrainingOptions.builder().steps(0);
    assertEquals(
        "steps 0: it must be at least 1",
        assertThrows(TrainingException.class, none::build).getMessage());
    TrainingOptions.Builder endless =
        TrainingOptions.builder().learningRate(Double.POSITIVE_INFINITY);
    assertEquals(
        "learning rate Infinity: it must be above 0 and finite",
        assertThrows(TrainingException.class, endless::build).getMessage());
  }
}
