package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.LorascopeVersion;
import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that was interrupted comes to the same bytes as one that was not. */
class ResumeTest {
  private static final double DROPOUT = 0.2;

  @TempDir static Path model;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 20);
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder()
        .steps(10)
        .batch(4)
        .accumulate(2)
        .learningRate(5e-3)
        .schedule(Schedule.COSINE, 3)
        .weightDecay(0.01)
        .evaluateEvery(5)
        .checkpointEvery(3)
        .seed(3);
  }

  private static TrainingRun train(
      String backend, Path out, boolean resume, TrainingOptions options, int stopAfter) {
    try (TinyRun run = new TinyRun(model, backend, DROPOUT, options)) {
      return run.train(
          new RunFolder(out),
          resume,
          run.triples.evaluationPairs().subList(0, 6),
          run.stopAfter(stopAfter));
    }
  }

  private static void kill(String backend, Path out, boolean resume, int step) {
    Backend computing;
    try (TinyRun run = new TinyRun(model, backend, DROPOUT, options().build())) {
      computing = run.backend();
      assertThrows(
          TinyRun.Killed.class,
          () ->
              run.train(
                  new RunFolder(out),
                  resume,
                  run.triples.evaluationPairs().subList(0, 6),
                  TinyRun.dieIn(step)));
    }
    assertEquals(0, computing.memory().used());
    assertEquals(0, computing.memory().openScopes());
  }

  private static void assertSame(Path expected, Path actual) throws IOException {
    for (String file :
        List.of("adapter/adapter_model.safetensors", "adapter/adapter_config.json")) {
      assertEquals(-1, Files.mismatch(expected.resolve(file), actual.resolve(file)), file);
    }
    assertEquals(TinyRun.metrics(expected), TinyRun.metrics(actual));
  }

  static Stream<Arguments> backends() {
    return Backends.names().stream().map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void stoppedOrKilledAtAnyStepItEndsTheSame(String backend) throws IOException {
    Path straight = folder.resolve("straight");
    TrainingRun whole = train(backend, straight, false, options().build(), -1);
    assertEquals(10, whole.steps());
    // on the GPU's backend a step without a GPU takes seconds
    int[] steps =
        backend.equals("cuda-shim") ? new int[] {1, 5, 10} : IntStream.rangeClosed(1, 10).toArray();
    for (int step : steps) {
      Path stopped = folder.resolve("stopped-" + step);
      TrainingRun part = train(backend, stopped, false, options().build(), step);
      assertEquals(step, part.steps());
      assertEquals(step == 10, part.after().isPresent());
      TrainingRun rest = train(backend, stopped, true, options().build(), -1);
      assertSame(straight, stopped);
      assertEquals(whole.before(), rest.before());
      assertEquals(whole.after(), rest.after());
      assertEquals(whole.tokens(), rest.tokens());

      Path killed = folder.resolve("killed-" + step);
      kill(backend, killed, false, step);
      train(backend, killed, true, options().build(), -1);
      assertSame(straight, killed);
    }
  }

  /** Nothing is lost by it, and it may take minutes. */
  @Test
  void stoppedInTheFirstEvaluationItEndsAtOnce() throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    List<Integer> evaluated = new ArrayList<>();
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      TrainingRun stopped =
          run.train(
              new RunFolder(out),
              false,
              run.triples.evaluationPairs(),
              new TrainingListener() {
                @Override
                public void evaluating(int done, int total) {
                  evaluated.add(done);
                  run.stop();
                }
              });
      assertEquals(List.of(16), evaluated);
      assertEquals(0, stopped.steps());
      assertTrue(stopped.before().isEmpty());
    }
    train("reference", out, true, options().build(), -1);
    assertSame(straight, out);
  }

  @Test
  void interruptedAgainAndAgainItEndsTheSame() throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    kill("reference", out, true, 2);
    train("reference", out, true, options().build(), 2);
    kill("reference", out, true, 5);
    kill("reference", out, true, 4);
    train("reference", out, true, options().build(), 7);
    train("reference", out, true, options().build(), -1);
    assertSame(straight, out);
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws IOException {
    TrainingRun first = train("reference", folder, false, options().build(), -1);
    byte[] state = Files.readAllBytes(folder.resolve("state.safetensors"));
    String metrics = Files.readString(folder.resolve("metrics.jsonl"));
    TrainingRun again = train("reference", folder, true, options().build(), -1);
    assertEquals(first, again);
    assertTrue(Arrays.equals(state, Files.readAllBytes(folder.resolve("state.safetensors"))));
    assertEquals(metrics, Files.readString(folder.resolve("metrics.jsonl")));
  }

  @Test
  void aRunIsNotOverwritten() throws IOException {
    train("reference", folder, false, options().build(), 2);
    byte[] adapter = Files.readAllBytes(folder.resolve("adapter/adapter_model.safetensors"));
    String message =
        assertThrows(
                TrainingException.class,
                () -> train("reference", folder, false, options().build(), -1))
            .getMessage();
    assertTrue(message.contains("already holds a run") && message.contains("--resume"), message);
    assertTrue(
        Arrays.equals(
            adapter, Files.readAllBytes(folder.resolve("adapter/adapter_model.safetensors"))));
  }

  @Test
  void otherSettingsAreRefusedByName() {
    train("reference", folder, false, options().build(), 2);
    refusedWith(options().learningRate(1e-3), "learning_rate was 0.005 and is now 0.001");
    refusedWith(options().batch(8), "batch was 4 and is now 8");
    refusedWith(options().accumulate(1), "accumulate");
    refusedWith(options().steps(11), "steps was 10 and is now 11");
    refusedWith(options().schedule(Schedule.LINEAR, 3), "schedule was cosine and is now linear");
    refusedWith(options().schedule(Schedule.COSINE, 4), "warmup");
    refusedWith(options().weightDecay(0), "weight_decay");
    refusedWith(options().clip(0.5), "clip");
    refusedWith(options().seed(4), "seed");
    try (TinyRun run = new TinyRun(model, "reference", 0.1, options().build())) {
      String message =
          assertThrows(TrainingException.class, () -> run.train(new RunFolder(folder), true))
              .getMessage();
      assertTrue(message.contains("dropout=0.2") && message.contains("dropout=0.1"), message);
    }
    try (TinyRun run = new TinyRun(model, "reference", 0.2, options().build())) {
      String message =
          assertThrows(
                  TrainingException.class,
                  () -> run.train(new RunFolder(folder), true, List.of(), Map.of("mine", "x")))
              .getMessage();
      assertTrue(message.contains("mine was not given and is now x"), message);
      assertTrue(message.contains("evaluation_pairs_sha256 was "), message);
      assertTrue(message.contains(" and is now not given"), message);
      assertFalse(message.contains("data_sha256"), message);
    }
    refusedWith(options().seed(4), "data_seed was 3 and is now 4");
    // What does not change the numbers may change.
    train("reference", folder, true, options().checkpointEvery(1).recompute(true).build(), -1);
  }

  @Test
  void otherDataAndPairsAreRefused() throws IOException {
    train("reference", folder, false, options().build(), -1);
    byte[] state = Files.readAllBytes(folder.resolve("state.safetensors"));
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      List<PairExample> fewer = run.triples.evaluationPairs().subList(0, 5);
      String message =
          assertThrows(TrainingException.class, () -> run.train(new RunFolder(folder), true, fewer))
              .getMessage();
      assertTrue(message.contains("evaluation_pairs_sha256 was "), message);
      Triples less = Triples.tsv(model.resolve("triples.tsv"), 19);
      Trainer other =
          Trainer.of(run.reranker, run.adapter)
              .data(new EpochSampler(less, 3))
              .options(options().build())
              .folder(new RunFolder(folder), true)
              .build();
      assertTrue(
          assertThrows(TrainingException.class, other::run)
              .getMessage()
              .contains("data_sha256 was "));
    }
    assertArrayEquals(state, Files.readAllBytes(folder.resolve("state.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunWithoutItsStateIsNotOverwritten(boolean resume) throws IOException {
    train("reference", folder, false, options().build(), -1);
    Files.delete(folder.resolve("state.safetensors"));
    Path adapter = folder.resolve("adapter/adapter_model.safetensors");
    byte[] trained = Files.readAllBytes(adapter);
    String message =
        assertThrows(
                TrainingException.class,
                () -> train("reference", folder, resume, options().build(), -1))
            .getMessage();
    assertTrue(message.contains("no state.safetensors to go on from"), message);
    assertArrayEquals(trained, Files.readAllBytes(adapter));
    assertEquals(10, Files.readAllLines(folder.resolve("metrics.jsonl")).size());
  }

  /** What it evaluates may be more than many steps. */
  @ParameterizedTest
  @ValueSource(ints = {5, 10})
  void stoppedInAnEvaluationItEndsAtOnceAndEvaluatesAnew(int step) throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    TrainingRun whole;
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      whole = run.train(new RunFolder(straight), false, run.triples.evaluationPairs());
    }
    assertTrue(whole.isFinished());
    List<Integer> evaluated = new ArrayList<>();
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      TrainingListener stopping =
          new TrainingListener() {
            private int done;

            @Override
            public void stepDone(StepRecord record) {
              done = record.step();
            }

            @Override
            public void evaluating(int pairs, int total) {
              if (done == step) {
                evaluated.add(pairs);
                run.stop();
              }
            }
          };
      TrainingRun stopped =
          run.train(new RunFolder(out), false, run.triples.evaluationPairs(), stopping);
      assertEquals(List.of(16), evaluated);
      assertEquals(step, stopped.steps());
      assertFalse(stopped.isFinished());
      assertTrue(stopped.after().isEmpty());
      assertEquals(step - 1, Files.readAllLines(out.resolve("metrics.jsonl")).size());
    }
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      TrainingRun rest = run.train(new RunFolder(out), true, run.triples.evaluationPairs());
      assertTrue(rest.isFinished());
      assertEquals(whole.after(), rest.after());
    }
    assertSame(straight, out);
  }

  @Test
  void anotherModelOfTheSameNameIsRefused() throws IOException {
    Path out = folder.resolve("out");
    train("reference", out, false, options().build(), 2);
    Path other = TinyModel.copyWithOtherWeights(model, folder.resolve(model.getFileName()));
    Files.copy(model.resolve("triples.tsv"), other.resolve("triples.tsv"));
    try (TinyRun run = new TinyRun(other, "reference", DROPOUT, options().build())) {
      String message =
          assertThrows(TrainingException.class, () -> run.train(new RunFolder(out), true))
              .getMessage();
      assertTrue(message.contains("model_sample_sha256 was "), message);
      assertFalse(message.contains("data_sha256"), message);
    }
  }

  /** Whatever was written of the evaluation before the process died, it is made anew. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void killedBehindAnEvaluationThatWasMadeAnewItHasEachStepOnce(boolean within) throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    TrainingOptions options = options().checkpointEvery(100).build();
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options)) {
      run.train(new RunFolder(straight), false, run.triples.evaluationPairs(), series(run, 0, 0));
    }
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options)) {
      run.train(new RunFolder(out), false, run.triples.evaluationPairs(), series(run, 5, 0));
    }
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options)) {
      TrainingListener dying = series(run, 0, within ? 5 : 0);
      assertThrows(
          TinyRun.Killed.class,
          () ->
              run.train(
                  new RunFolder(out),
                  true,
                  run.triples.evaluationPairs(),
                  dying,
                  TinyRun.dieIn(within ? -1 : 7)));
    }
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options)) {
      run.train(new RunFolder(out), true, run.triples.evaluationPairs(), series(run, 0, 0));
    }
    assertSame(straight, out);
    assertEquals(
        List.of("{\"step\":0}", "{\"step\":5}", "{\"step\":10}"),
        Files.readAllLines(out.resolve("mine.jsonl")));
  }

  /** Writes a line an evaluation; stops in that of a step, or dies behind it. */
  private static TrainingListener series(TinyRun run, int stopping, int dying) {
    return new TrainingListener() {
      private StepLog log;
      private int done;

      @Override
      public void started(TrainingStart start) {
        log = start.evaluationSeries("mine.jsonl").orElseThrow();
        assertEquals(LorascopeVersion.get(), start.provenance().get("lorascope"));
        done = start.step();
      }

      @Override
      public void stepDone(StepRecord record) {
        done = record.step();
      }

      @Override
      public void evaluating(int pairs, int total) {
        if (stopping > 0 && done == stopping) {
          run.stop();
        }
      }

      @Override
      public void evaluated(int step, Evaluation evaluation) {
        log.append(step, Map.of());
        if (dying > 0 && step == dying) {
          throw new TinyRun.Killed();
        }
      }
    };
  }

  @Test
  void anotherVersionGoesOn() throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      run.train(new RunFolder(out), false, evaluated(run), of(run, "0.0.1"), run.stopAfter(2));
    }
    replaceInState(out, "\"precision\"", "\"lorascope\":\"0.0.1\",\"precision\""); // as it was once
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      run.train(new RunFolder(out), true, evaluated(run), of(run, "0.0.2"));
    }
    assertEquals(TinyRun.metrics(straight), TinyRun.metrics(out));
    String provenance = Files.readString(out.resolve("provenance.json"));
    assertTrue(provenance.contains(LorascopeVersion.get()), provenance);
  }

  private static List<PairExample> evaluated(TinyRun run) {
    return run.triples.evaluationPairs().subList(0, 6);
  }

  private static Map<String, String> of(TinyRun run, String version) {
    return Map.of("model", "tiny", "data_sha256", run.triples.sha256(), "lorascope", version);
  }

  @Test
  void whatAnEarlierVersionBeganIsGoneOnWith() throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    train("reference", out, false, options().build(), 2);
    for (String name : List.of("model_sample_sha256", "data_seed", "evaluation_pairs_sha256")) {
      replaceInState(out, "\"" + name + "\":\"[^\"]*\",", "");
    }
    train("reference", out, true, options().build(), -1);
    assertSame(straight, out);
  }

  private static void replaceInState(Path run, String pattern, String replacement) {
    SafetensorsFile state = SafetensorsFile.open(run.resolve("state.safetensors"));
    String kept = state.metadata().get("state");
    String other = kept.replaceAll(pattern, replacement);
    assertNotEquals(kept, other);
    SafetensorsWriter writer = new SafetensorsWriter().metadata("state", other);
    for (String name : List.of("parameters", "moment1", "moment2")) {
      float[] values = state.floats(name);
      writer.f32(name, values, values.length);
    }
    writer.write(run.resolve("state.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({"parameters,NaN", "moment1,NaN", "moment1,Infinity", "moment2,NaN", "moment2,-1e30"})
  void aStateWithNumbersThatCannotBeIsRefused(String damaged, float value) {
    train("reference", folder, false, options().build(), 2);
    Path file = folder.resolve("state.safetensors");
    SafetensorsFile state = SafetensorsFile.open(file);
    SafetensorsWriter writer =
        new SafetensorsWriter().metadata("state", state.metadata().get("state"));
    for (String name : List.of("parameters", "moment1", "moment2")) {
      float[] values = state.floats(name);
      values[values.length / 2] = name.equals(damaged) ? value : values[values.length / 2];
      writer.f32(name, values, values.length);
    }
    writer.write(file);
    refusedWith(options(), "state.safetensors is damaged: " + damaged + " has ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"tokens\":[0-9]+,\"seconds\" | \"tokens\":-1,\"seconds\" | -1 tokens",
        "\"seconds\":[0-9.E-]+ | \"seconds\":-5 | -5.0 seconds",
        "\"before\":(\\{[^}]*}) | \"before\":$1,\"after\":$1 | an evaluation after the last",
      })
  void countsThatCannotBeAreRefused(String pattern, String replacement, String part) {
    train("reference", folder, false, options().build(), 2);
    replaceInState(folder, pattern, replacement);
    refusedWith(options(), part);
  }

  @Test
  void aCountThatCannotBeIsRefusedWithItsFile() {
    train("reference", folder, false, options().build(), 2);
    replaceInState(folder, "\"right\":[0-9]+", "\"right\":999");
    String message =
        assertThrows(
                TrainingException.class,
                () -> train("reference", folder, true, options().build(), -1))
            .getMessage();
    assertTrue(message.contains("state.safetensors is damaged"), message);
    assertTrue(message.contains("999 successes"), message);
  }

  private void refusedWith(TrainingOptions.Builder options, String part) {
    String message =
        assertThrows(
                TrainingException.class,
                () -> train("reference", folder, true, options.build(), -1))
            .getMessage();
    assertTrue(message.contains(part) && message.contains(folder.toString()), message);
    assertFalse(message.contains("\n"), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 200, 3000, -1, -2})
  void aSpoiltStateIsRefused(int length) throws IOException {
    train("reference", folder, false, options().build(), 2);
    Path state = folder.resolve("state.safetensors");
    byte[] bytes = Files.readAllBytes(state);
    if (length == -2) {
      Arrays.fill(bytes, (byte) 'x');
      Files.write(state, bytes);
    } else {
      Files.write(state, Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    }
    String message =
        assertThrows(
                LorascopeException.class,
                () -> train("reference", folder, true, options().build(), -1))
            .getMessage();
    assertTrue(message.contains("state.safetensors"), message);
  }

  @Test
  void anAdapterIsNoState() throws IOException {
    train("reference", folder, false, options().build(), 2);
    Files.copy(
        folder.resolve("adapter/adapter_model.safetensors"),
        folder.resolve("state.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertTrue(
        assertThrows(
                TrainingException.class,
                () -> train("reference", folder, true, options().build(), -1))
            .getMessage()
            .contains("not the state of a training"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"step\": 3, \"lo", "{\"step\": 3}\n{\"step\": 4}\n", "step 3", "{}\n", "\n"})
  void whatStandsBeyondTheCheckpointInTheMetricsIsTakenOff(String rest) throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    train("reference", out, false, options().build(), 2);
    Files.writeString(
        out.resolve("metrics.jsonl"), rest, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    train("reference", out, true, options().build(), -1);
    assertSame(straight, out);
  }

  @Test
  void resumingNothingStarts() throws IOException {
    Path straight = folder.resolve("straight");
    Path deep = folder.resolve("a/b/c");
    train("reference", straight, false, options().build(), -1);
    train("reference", deep, true, options().build(), -1);
    assertSame(straight, deep);
    List<String> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(deep)) {
      all.forEach(file -> files.add(file.getFileName().toString()));
    }
    files.sort(null);
    assertEquals(
        List.of(".lock", "adapter", "metrics.jsonl", "provenance.json", "state.safetensors"),
        files);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFolderIsOneTrainingsAtATime(boolean resume) throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    train("reference", straight, false, options().build(), -1);
    List<String> refused = new ArrayList<>();
    try (TinyRun run = new TinyRun(model, "reference", DROPOUT, options().build())) {
      TrainingListener intruding =
          new TrainingListener() {
            @Override
            public void stepDone(StepRecord record) {
              refused.add(
                  assertThrows(
                          TrainingException.class,
                          () -> train("reference", out, resume, options().build(), -1))
                      .getMessage());
            }
          };
      run.train(new RunFolder(out), false, run.triples.evaluationPairs().subList(0, 6), intruding);
    }
    assertEquals(10, refused.size());
    assertTrue(refused.get(0).contains("is being written by another training"), refused.get(0));
    assertSame(straight, out);
    assertTrue(train("reference", out, true, options().build(), -1).isFinished());
  }
}
