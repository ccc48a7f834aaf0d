package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.json.Json;
import io.github.lorascope.train.Evaluation;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.TinyRun;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The taps that listen to a training, alone and through kills. */
class TapListenersTest {
  private static final List<String> FILES =
      List.of(
          "attention/before.safetensors",
          "attention/after.safetensors",
          "states/before.safetensors",
          "states/after.safetensors",
          "lens/before.safetensors",
          "lens/after.safetensors",
          "lens.jsonl",
          "adapter/adapter_model.safetensors",
          "metrics.jsonl");

  @TempDir static Path model;
  private static List<PairExample> looked;

  @TempDir Path folder;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    looked = TinyModel.tsv(model.resolve("triples.tsv"), 20).evaluationPairs().subList(10, 15);
  }

  private static TrainingOptions options() {
    return TrainingOptions.builder()
        .steps(6)
        .batch(4)
        .learningRate(5e-3)
        .evaluateEvery(2)
        .checkpointEvery(3)
        .seed(3)
        .build();
  }

  private static Snapshots snapshots() {
    return AttentionTap.layers(1).on(looked).states(HiddenStateTap.layers(0, 2)).lens();
  }

  private static void train(Path out, boolean resume, TrainingListener... listeners) {
    try (TinyRun run = new TinyRun(model, "reference", 0.1, options())) {
      RunFolder kept = out == null ? null : new RunFolder(out);
      run.train(kept, resume, run.triples.evaluationPairs().subList(0, 6), listeners);
      assertEquals(0, run.backend().memory().openScopes() - 2); // the decoder and the adapter
    }
  }

  private static void kill(Path out, boolean resume, TrainingListener... listeners) {
    assertThrows(TinyRun.Killed.class, () -> train(out, resume, listeners));
  }

  private static void assertSame(Path expected, Path actual) throws IOException {
    for (String file : FILES) {
      assertEquals(-1, Files.mismatch(expected.resolve(file), actual.resolve(file)), file);
    }
  }

  @Test
  void listeningChangesNoTrainedBit() throws IOException {
    Path alone = folder.resolve("alone");
    Path watched = folder.resolve("watched");
    train(alone, false);
    train(watched, false, snapshots(), Lens.on(looked));
    for (String file : List.of("adapter/adapter_model.safetensors", "metrics.jsonl")) {
      assertEquals(-1, Files.mismatch(alone.resolve(file), watched.resolve(file)), file);
    }
  }

  @Test
  void beforeAndAfterAreTheUntrainedAndTheTrainedModel() {
    Snapshots snapshots = snapshots();
    LensSeries series = Lens.on(looked);
    try (TinyRun run = new TinyRun(model, "reference", 0.1, options())) {
      AttentionMeasurement untrained =
          AttentionTap.layers(1).measure(run.reranker.withAdapter(run.adapter.view()), looked);
      run.train(null, false, run.triples.evaluationPairs().subList(0, 6), snapshots, series);
      AttentionMeasurement trained =
          AttentionTap.layers(1).measure(run.reranker.withAdapter(run.adapter.view()), looked);
      AttentionQuantity mass = AttentionQuantity.LAST_TO_QUERY;
      double[] before = snapshots.before().orElseThrow().attention().orElseThrow().values(mass, 1);
      double[] after = snapshots.after().orElseThrow().attention().orElseThrow().values(mass, 1);
      assertArrayEquals(untrained.values(mass, 1), before);
      assertArrayEquals(trained.values(mass, 1), after);
      assertTrue(Math.abs(after[0] - before[0]) > 1e-6);
      assertEquals(
          Lens.of(run.reranker.withAdapter(run.adapter.view()), looked).score(1, 2),
          series.latest().orElseThrow().score(1, 2));
    }
  }

  @Test
  void killedInAnyStepTheFolderEndsTheSame() throws IOException {
    Path straight = folder.resolve("straight");
    train(straight, false, snapshots(), Lens.on(looked));
    List<String> lines = Files.readAllLines(straight.resolve("lens.jsonl"));
    List<Integer> steps =
        lines.stream().map(line -> Json.parse(line, "lens").integer("step")).toList();
    assertEquals(List.of(0, 2, 4, 6), steps);
    assertEquals(
        List.of(0, 1, 2),
        Json.parse(lines.get(1), "lens").longs("layers").stream().map(Long::intValue).toList());
    for (int step = 1; step <= 6; step++) {
      Path killed = folder.resolve("killed-" + step);
      kill(killed, false, snapshots(), Lens.on(looked), TinyRun.dieIn(step));
      assertTrue(Files.exists(killed.resolve("attention/before.safetensors")));
      train(killed, true, snapshots(), Lens.on(looked));
      assertSame(straight, killed);
      Path evaluated = folder.resolve("evaluated-" + step);
      kill(evaluated, false, snapshots(), Lens.on(looked), dieAfterEvaluation(step - step % 2));
      train(evaluated, true, snapshots(), Lens.on(looked));
      assertSame(straight, evaluated);
    }
  }

  private static TrainingListener dieAfterEvaluation(int at) {
    return new TrainingListener() {
      @Override
      public void evaluated(int step, Evaluation evaluation) {
        if (step == at) {
          throw new TinyRun.Killed();
        }
      }
    };
  }

  /** What was found before is neither measured again nor changed. */
  @Test
  void beforeIsKeptByAResumedRun() throws IOException {
    Path out = folder.resolve("out");
    kill(out, false, snapshots(), TinyRun.dieIn(5));
    Path file = out.resolve("attention/before.safetensors");
    byte[] first = Files.readAllBytes(file);
    FileTime written = Files.getLastModifiedTime(file);
    Snapshots second = snapshots();
    train(out, true, second);
    assertArrayEquals(first, Files.readAllBytes(file));
    assertEquals(written, Files.getLastModifiedTime(file));
    assertTrue(second.before().orElseThrow().attention().isPresent());
    assertFalse(second.before().orElseThrow().states().isEmpty());
  }

  /** At step 0 the model is still untrained; a damaged file is made anew. */
  @Test
  void beforeIsMeasuredAgainWhereItIsLackingAndStillCanBe() throws IOException {
    Path straight = folder.resolve("straight");
    train(straight, false, snapshots(), Lens.on(looked));
    for (String file : List.of("attention/before.safetensors", "states/before.safetensors")) {
      Path out = folder.resolve("out-" + file.charAt(0));
      kill(out, false, snapshots(), Lens.on(looked), TinyRun.dieIn(2));
      byte[] whole = Files.readAllBytes(out.resolve(file));
      Files.write(out.resolve(file), Arrays.copyOf(whole, whole.length / 2));
      train(out, true, snapshots(), Lens.on(looked));
      assertSame(straight, out);
    }
  }

  @Test
  void aListenerThatIsNewToAResumedRunHasNoBefore() throws IOException {
    Path out = folder.resolve("out");
    kill(out, false, TinyRun.dieIn(5));
    Snapshots late = snapshots();
    train(out, true, late);
    assertTrue(late.before().isEmpty());
    assertTrue(late.after().isPresent());
    assertTrue(Files.notExists(out.resolve("attention/before.safetensors")));
  }

  @Test
  void aRunIsResumedWithTheSamePairsAndLayers() {
    Path out = folder.resolve("out");
    kill(out, false, snapshots(), TinyRun.dieIn(5));
    assertThrows(
        TapException.class,
        () -> train(out, true, AttentionTap.layers(1).on(looked.subList(0, 4))));
    assertThrows(TapException.class, () -> train(out, true, AttentionTap.layers(0, 1).on(looked)));
  }

  /** Each has its own pairs and its own files. */
  @Test
  void twoListenersDoNotDisturbEachOther() {
    Path out = folder.resolve("out");
    Snapshots states = Snapshots.on(looked.subList(0, 2)).states(HiddenStateTap.layers(2));
    train(out, false, AttentionTap.layers(1).on(looked), states);
    for (String name : List.of("before", "after")) {
      Observed read = Observed.read(out, name);
      assertEquals(5, read.attention().orElseThrow().labels().length);
      assertEquals(2, read.states().orElseThrow().labels().length);
      assertTrue(read.lens().isEmpty());
    }
  }

  /** A folder that is used again, without its state, holds nothing of the earlier run. */
  @Test
  void aNewRunTakesOffWhatAnOldOneLeft() throws IOException {
    Path out = folder.resolve("out");
    train(out, false, snapshots(), Lens.on(looked));
    Files.delete(out.resolve("state.safetensors"));
    Files.delete(out.resolve("adapter/adapter_model.safetensors"));
    kill(out, false, snapshots(), Lens.on(looked), TinyRun.dieIn(1));
    assertTrue(Files.exists(out.resolve("attention/before.safetensors")));
    assertTrue(Files.notExists(out.resolve("attention/after.safetensors")));
    assertEquals(1, Files.readAllLines(out.resolve("lens.jsonl")).size());
  }
}
