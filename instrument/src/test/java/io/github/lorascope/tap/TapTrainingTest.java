package io.github.lorascope.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.RunFolder;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.TinyRun;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The taps of a training, in trainings. */
class TapTrainingTest {
  @TempDir static Path model;
  @TempDir Path folder;

  private final GradientTap gradients = GradientTap.perLayer().effectiveRankEvery(3);
  private final ResidualGradientTap residual = new ResidualGradientTap();

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 40);
  }

  static List<String> backends() {
    return Backends.names();
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder()
        .steps(10)
        .batch(4)
        .accumulate(2)
        .clip(0.5)
        .learningRate(5e-3)
        .schedule(Schedule.LINEAR, 2)
        .checkpointEvery(3)
        .seed(3);
  }

  private static float[] trained(
      String backend, double dropout, TrainingOptions options, TrainingListener... listeners) {
    try (TinyRun run = new TinyRun(model, backend, dropout, options)) {
      run.train(null, false, listeners);
      return run.adapter.parameters().toArray();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void attachedTapsChangeNoTrainedNumber(String backend) {
    float[] alone = trained(backend, 0.2, options().build());
    float[] watched = trained(backend, 0.2, options().build(), gradients, residual);
    for (int i = 0; i < alone.length; i++) {
      assertEquals(Float.floatToRawIntBits(alone[i]), Float.floatToRawIntBits(watched[i]), "" + i);
    }
    assertEquals(10, gradients.steps().size());
    assertEquals(10, residual.steps().size());
    assertTrue(gradients.steps().get(9).clipFactor() < 1);
  }

  @Test
  void layersAndHeadMakeUpTheWholeGradient() {
    List<StepRecord> records = new ArrayList<>();
    TrainingListener steps =
        new TrainingListener() {
          @Override
          public void stepDone(StepRecord record) {
            records.add(record);
          }
        };
    trained("reference", 0, options().build(), gradients, steps);
    for (int i = 0; i < 10; i++) {
      GradientStep step = gradients.steps().get(i);
      double squares = Math.pow(step.head().norm(), 2);
      double clipped = Math.pow(step.head().clipped(), 2);
      for (GradientStep.Layer layer : step.layers()) {
        assertEquals(
            Math.pow(layer.norm(), 2), Math.pow(layer.a(), 2) + Math.pow(layer.b(), 2), 1e-9);
        squares += Math.pow(layer.norm(), 2);
        clipped += Math.pow(layer.clipped(), 2);
        assertTrue(layer.update() > 0);
        assertEquals(
            (i + 1) % 3 == 0 || i == 9, !Double.isNaN(layer.effectiveRank()), "step " + (i + 1));
      }
      double norm = records.get(i).gradientNorm();
      assertEquals(norm, Math.sqrt(squares), 1e-9 * norm);
      assertEquals(Math.min(norm, 0.5), Math.sqrt(clipped), 1e-5);
      assertEquals(Math.min(1, 0.5 / norm), step.clipFactor(), 1e-5);
    }
    // B starts at zero, so that A has no gradient in the first step.
    assertEquals(0, gradients.steps().get(0).layers().get(0).a());
    assertTrue(gradients.steps().get(1).layers().get(0).a() > 0);
  }

  @Test
  void theGradientOfAStepDoesNotDependOnItsPasses() {
    trained("reference", 0, options().batch(8).accumulate(1).build(), gradients, residual);
    List<GradientStep> whole = List.copyOf(gradients.steps());
    List<ResidualGradientTap.Step> wholeResidual = List.copyOf(residual.steps());
    trained("reference", 0, options().batch(2).accumulate(4).build(), gradients, residual);
    assertEquals(10, gradients.steps().size());
    for (int i = 0; i < 10; i++) {
      for (int layer = 0; layer < 2; layer++) {
        GradientStep.Layer expected = whole.get(i).layers().get(layer);
        GradientStep.Layer actual = gradients.steps().get(i).layers().get(layer);
        assertEquals(expected.norm(), actual.norm(), 1e-3 * expected.norm());
        assertEquals(expected.q(), actual.q(), 1e-3 * expected.q());
        assertEquals(expected.update(), actual.update(), 1e-3 * expected.update());
      }
      for (int layers : List.of(1, 2)) {
        double expected = wholeResidual.get(i).norms().get(layers);
        assertEquals(expected, residual.steps().get(i).norms().get(layers), 1e-3 * expected);
      }
    }
  }

  @Test
  void theResidualGradientIsThatOfAllPasses() {
    NavigableMap<Integer, Double> squares = new TreeMap<>();
    TrainingListener adding =
        new TrainingListener() {
          @Override
          public void residualGradient(int step, int layers, Tensor gradient) {
            if (step == 4) {
              double sum = 0;
              for (float value : gradient.toArray()) {
                sum += (double) value * value;
              }
              squares.merge(layers, sum, Double::sum);
            }
          }
        };
    trained("reference", 0, options().build(), adding, residual);
    NavigableMap<Integer, Double> norms = residual.steps().get(3).norms();
    assertEquals(4, residual.steps().get(3).step());
    assertEquals(List.of(1, 2), List.copyOf(norms.keySet()));
    for (int layers : norms.keySet()) {
      double expected = Math.sqrt(squares.get(layers));
      assertEquals(expected, norms.get(layers), 1e-9 * expected);
    }
  }

  private void killed(String backend, Path out, int step) {
    try (TinyRun run = new TinyRun(model, backend, 0.2, options().build())) {
      assertThrows(
          TinyRun.Killed.class,
          () -> run.train(new RunFolder(out), true, gradients, residual, TinyRun.dieIn(step)));
    }
  }

  private void goOn(String backend, Path out) {
    try (TinyRun run = new TinyRun(model, backend, 0.2, options().build())) {
      run.train(new RunFolder(out), true, gradients, residual);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aResumedSeriesHasNoGapAndNoDoubleLine(String backend) throws IOException {
    Path straight = folder.resolve("straight");
    goOn(backend, straight);
    assertEquals(10, gradients.steps().size());
    for (String name : List.of("gradients.jsonl", "residual.jsonl")) {
      List<JsonObject> lines =
          Files.readAllLines(straight.resolve(name)).stream()
              .map(line -> Json.parse(line, name))
              .toList();
      assertEquals(
          IntStream.rangeClosed(1, 10).boxed().toList(),
          lines.stream().map(line -> line.integer("step")).toList());
    }
    for (int step : List.of(1, 3, 5, 10)) {
      Path out = folder.resolve("killed-" + step);
      killed(backend, out, step);
      if (step == 5) {
        killed(backend, out, 4); // in the steps since the checkpoint after step 3, again
      }
      goOn(backend, out);
      int checkpoint = (step - 1) / 3 * 3;
      assertEquals(10 - checkpoint, gradients.steps().size());
      assertEquals(checkpoint + 1, residual.steps().get(0).step());
      for (String name : List.of("gradients.jsonl", "residual.jsonl")) {
        assertArrayEquals(
            Files.readAllLines(straight.resolve(name)).toArray(),
            Files.readAllLines(out.resolve(name)).toArray(),
            name + " after a kill in step " + step);
      }
      assertEquals(TinyRun.metrics(straight), TinyRun.metrics(out));
    }
  }
}
