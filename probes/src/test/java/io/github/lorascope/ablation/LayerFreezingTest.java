package io.github.lorascope.ablation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.checkpoint.SafetensorsWriter;
import io.github.lorascope.curve.CurveAnalysis;
import io.github.lorascope.curve.StepSeries;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.lora.AdapterException;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.rerank.PassagePair;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.train.Schedule;
import io.github.lorascope.train.StepRecord;
import io.github.lorascope.train.TrainingException;
import io.github.lorascope.train.TrainingListener;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingRun;
import io.github.lorascope.train.TrainingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerFreezingTest {
  private static final int STEPS = 6;
  private static final List<LayerGroup> GROUPS =
      List.of(
          LayerGroup.range("all", 0, 1),
          LayerGroup.range("first", 0, 0),
          LayerGroup.range("second", 1, 1));

  @TempDir static Path model;
  private static Decoder decoder;
  private static Reranker reranker;
  private static Triples triples;
  private static List<PairExample> pairs;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    TinyModel.write(model);
    triples = TinyModel.tsv(model.resolve("triples.tsv"), 30);
    pairs = triples.evaluationPairs().subList(0, 20);
    decoder = TinyModel.load(model, "reference");
    reranker =
        Reranker.pairwise(decoder).withPrompt(PairPrompt.of("{query} : {doc_a} : {doc_b} ?"));
  }

  @AfterAll
  static void close() {
    reranker.close();
    assertEquals(0, memoryBesideTheModel(), "memory of an adapter is left");
    decoder.close();
  }

  /** Scopes that are open besides the model's own. */
  private static int memoryBesideTheModel() {
    return decoder.backend().memory().openScopes() - 1;
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder()
        .steps(STEPS)
        .batch(8)
        .learningRate(2e-2)
        .schedule(Schedule.CONSTANT, 0)
        .checkpointEvery(2);
  }

  private static LayerFreezing.Builder freezing(Path out) {
    return LayerFreezing.of(reranker, triples, pairs)
        .groups(GROUPS)
        .seeds(0, 5)
        .adapter(lora -> lora.targets("q_proj", "v_proj").rank(4).alpha(8))
        .options(options().build())
        .folder(out);
  }

  private static String json(Path out) throws IOException {
    return Files.readString(out.resolve("ablation.json"));
  }

  /** Counts the steps of all runs and acts on one of them. */
  private static RunListeners at(int step, Runnable action) {
    int[] steps = {0};
    return (group, seed) ->
        List.of(
            new TrainingListener() {
              @Override
              public void stepDone(StepRecord record) {
                if (++steps[0] == step) {
                  action.run();
                }
              }
            });
  }

  @Test
  void aGroupTrainsItsLayersAlone() {
    Ablation ablation = freezing(folder).build().run();
    assertTrue(ablation.isComplete());
    assertEquals(6, ablation.runs().size());
    for (LayerGroup group : GROUPS) {
      Path file =
          folder.resolve("ablation/" + group.name() + "-seed5/adapter/adapter_model.safetensors");
      List<String> names = List.copyOf(SafetensorsFile.open(file).names());
      for (int layer = 0; layer < 2; layer++) {
        String at = ".layers." + layer + ".";
        assertEquals(
            group.layers().contains(layer) ? 4 : 0,
            names.stream().filter(name -> name.contains(at)).count(),
            group + " " + names);
      }
    }
    // Two paths of rank 4 between 32 and 32 a layer, and a head of 2 by 32.
    assertEquals(List.of(1088L, 576L, 576L), ablation.parameters());
  }

  @Test
  void aHeadThatIsNotTrainedIsTheSameInEveryGroup() {
    Ablation ablation =
        freezing(folder)
            .seeds(5)
            .adapter(lora -> lora.targets("q_proj", "v_proj").rank(4).headOf(reranker.zeroShot()))
            .options(options().steps(2).trainHead(false).build())
            .build()
            .run();
    assertEquals(List.of(1024L, 512L, 512L), ablation.parameters());
    float[] head = reranker.zeroShot().adapter().orElseThrow().values().head().toArray();
    for (LayerGroup group : GROUPS) {
      Path run = folder.resolve("ablation/" + group.name() + "-seed5");
      try (LoraAdapter trained = LoraAdapter.load(decoder, run.resolve("adapter"))) {
        assertArrayEquals(head, trained.view().values().head().toArray());
      }
    }
  }

  @Test
  void theResultIsThatOfTheSavedAdapters() {
    Ablation ablation = freezing(folder).build().run();
    for (AblationRun run : ablation.runs()) {
      Path own = folder.resolve("ablation/" + run.group() + "-seed" + run.seed());
      StringBuilder right = new StringBuilder();
      try (LoraAdapter adapter = LoraAdapter.load(decoder, own.resolve("adapter"))) {
        Reranker asked = reranker.withAdapter(adapter.view());
        for (PairExample pair : pairs) {
          int answer =
              asked
                  .score(List.of(new PassagePair(pair.query(), pair.a(), pair.b())))
                  .get(0)
                  .preferred();
          right.append(answer == pair.label() ? '1' : '0');
        }
      }
      assertEquals(right.toString(), run.right());
      StepSeries loss = StepSeries.read(own.resolve("metrics.jsonl"), "loss");
      assertEquals(STEPS, loss.steps().length);
      double[] smoothed = CurveAnalysis.standard().window(21).smooth(loss);
      int climb = -1;
      for (int i = STEPS - 1; i >= 0; i--) {
        climb = smoothed[i] < 0.6 ? i + 1 : climb;
      }
      assertEquals(climb, run.climbStep().orElse(-1));
      JsonObject summary = Json.read(own.resolve("summary.json"));
      assertEquals(run.accuracy().accuracy(), summary.number("accuracy_after"));
      assertEquals(run.group(), summary.string("group"));
    }
  }

  @Test
  void theClimbIsWhereTheSmoothedLossIsBelow() {
    TrainingOptions longer = options().steps(60).batch(16).learningRate(1e-2).build();
    AblationRun run =
        freezing(folder)
            .groups(GROUPS.subList(0, 1))
            .seeds(3)
            .options(longer)
            .build()
            .run()
            .runs()
            .get(0);
    StepSeries loss = StepSeries.read(folder.resolve("ablation/all-seed3/metrics.jsonl"), "loss");
    double[] smoothed = CurveAnalysis.standard().window(21).smooth(loss);
    int climb = run.climbStep().orElseThrow();
    assertTrue(climb > 5, "climbs at step " + climb);
    assertTrue(smoothed[climb - 1] < 0.6);
    assertEquals(16 * climb, run.climbPairs().orElseThrow());
    for (int step = 1; step < climb; step++) {
      assertTrue(smoothed[step - 1] >= 0.6, "step " + step);
    }
  }

  @Test
  void theFileSaysWhatItComesFrom() throws IOException {
    freezing(folder).provenance(Map.of("note", "a test")).build().run();
    JsonObject provenance = Json.read(folder.resolve("ablation.json")).object("provenance");
    assertEquals("a test", provenance.string("note"));
    assertEquals(triples.sha256(), provenance.string("data_sha256"));
    assertEquals("0,5", provenance.string("seeds"));
    assertEquals("q_proj,v_proj", provenance.string("targets"));
    assertEquals("4", provenance.string("rank"));
    assertEquals("0.02", provenance.string("learning_rate"));
    assertEquals(64, provenance.string("evaluation_sha256").length());
    for (String ofOneRun : List.of("seed", "adapter", "data_seed")) {
      assertFalse(provenance.has(ofOneRun), ofOneRun);
    }
  }

  @Test
  void seedsDifferAndGroupsSeeTheSameData() {
    List<String> starts = new ArrayList<>();
    freezing(folder)
        .listeners(
            (group, seed) ->
                List.of(
                    new TrainingListener() {
                      @Override
                      public void started(TrainingStart start) {
                        starts.add(
                            group.name() + " " + seed + " " + start.provenance().get("seed"));
                      }
                    }))
        .build()
        .run();
    assertEquals(
        List.of("all 0 0", "first 0 0", "second 0 0", "all 5 5", "first 5 5", "second 5 5"),
        starts);
    double[] tokensOfAll = tokens("all-seed0");
    assertEquals(List.of(boxed(tokensOfAll)), List.of(boxed(tokens("second-seed0"))));
    assertFalse(boxed(tokensOfAll).equals(boxed(tokens("all-seed5"))));
  }

  /** What a run begins with, by name; the head of the tiny model is taken away, so it is drawn. */
  @Test
  void groupsOfOneSeedStartWithTheSameParameters(@TempDir Path headless) throws IOException {
    TinyModel.write(headless);
    Path file = headless.resolve("model.safetensors");
    SafetensorsFile tensors = SafetensorsFile.open(file);
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : tensors.names()) {
      if (!name.equals("score.weight")) {
        long[] shape = tensors.info(name).shape().stream().mapToLong(Long::longValue).toArray();
        writer.f32(name, tensors.floats(name), shape);
      }
    }
    writer.write(headless.resolve("without.safetensors"));
    Files.move(headless.resolve("without.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);
    Map<String, Map<String, List<Float>>> starts = new HashMap<>();
    try (Decoder without = TinyModel.load(headless, "reference");
        Reranker asking = Reranker.pairwise(without)) {
      LayerFreezing.of(asking, triples, pairs)
          .groups(GROUPS)
          .seeds(0, 5)
          .adapter(lora -> lora.targets("q_proj", "v_proj").rank(4).alpha(8))
          .options(options().steps(1).build())
          .listeners((group, seed) -> List.of(parametersAtStart(group.name() + seed, starts)))
          .folder(folder)
          .build()
          .run();
    }
    Map<String, List<Float>> all = starts.get("all0");
    for (String group : List.of("first0", "second0")) {
      assertEquals(5, starts.get(group).size());
      starts.get(group).forEach((name, values) -> assertEquals(all.get(name), values, name));
    }
    starts
        .get("all5")
        .forEach(
            (name, values) ->
                assertEquals(name.contains("lora_B"), values.equals(all.get(name)), name));
  }

  private static TrainingListener parametersAtStart(
      String run, Map<String, Map<String, List<Float>>> starts) {
    return new TrainingListener() {
      @Override
      public void started(TrainingStart start) {
        Map<String, List<Float>> values = new HashMap<>();
        start
            .adapter()
            .named(start.adapter().parameters())
            .forEach(
                (name, tensor) -> {
                  List<Float> list = new ArrayList<>();
                  for (float value : tensor.toArray()) {
                    list.add(value);
                  }
                  values.put(name, list);
                });
        starts.put(run, values);
      }
    };
  }

  private double[] tokens(String run) {
    Path metrics = folder.resolve("ablation").resolve(run).resolve("metrics.jsonl");
    return StepSeries.read(metrics, "tokens").values();
  }

  private static List<Double> boxed(double[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  @Test
  void stoppedAnywhereItEndsTheSame() throws IOException {
    Path straight = folder.resolve("straight");
    freezing(straight).build().run();
    for (int step : new int[] {1, STEPS, STEPS + 3, 4 * STEPS - 1, 6 * STEPS}) {
      Path out = folder.resolve("stopped-" + step);
      LayerFreezing[] running = new LayerFreezing[1];
      running[0] = freezing(out).listeners(at(step, () -> running[0].stop())).build();
      Ablation part = running[0].run();
      assertFalse(part.isComplete()); // after a run's last step it is not asked any more
      assertEquals((step - 1) / STEPS, part.runs().size());
      assertEquals(step > STEPS, Files.exists(out.resolve("ablation.json")));
      Ablation rest = freezing(out).build().run();
      assertTrue(rest.isComplete());
      assertEquals(json(straight), json(out));
    }
  }

  /** Stands for a kill. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void killedAgainAndAgainItEndsTheSame() throws IOException {
    Path straight = folder.resolve("straight");
    Ablation whole = freezing(straight).build().run();
    Path out = folder.resolve("killed");
    for (int step : new int[] {1, 3, STEPS + 2, 2 * STEPS, STEPS + 1}) {
      LayerFreezing dying =
          freezing(out)
              .listeners(
                  at(
                      step,
                      () -> {
                        throw new Killed();
                      }))
              .build();
      assertThrows(Killed.class, dying::run);
    }
    assertEquals(whole, freezing(out).build().run());
    assertEquals(json(straight), json(out));
  }

  @Test
  void whatWasKilledBeforeItsAnswersIsAskedAgain() throws IOException {
    freezing(folder).build().run();
    String expected = json(folder);
    Path own = folder.resolve("ablation/first-seed0");
    String answers = Files.readString(own.resolve("answers.json"));
    Files.delete(own.resolve("answers.json"));
    Files.delete(folder.resolve("ablation.json"));
    freezing(folder).build().run();
    assertEquals(expected, json(folder));
    assertEquals(answers, Files.readString(own.resolve("answers.json")));
  }

  @Test
  void aFinishedAblationIsReadBack() throws IOException {
    Ablation first = freezing(folder).build().run();
    String metrics = Files.readString(folder.resolve("ablation/all-seed0/metrics.jsonl"));
    List<String> trained = new ArrayList<>();
    Ablation again = freezing(folder).listeners(at(1, () -> trained.add("a step"))).build().run();
    assertEquals(first, again);
    assertEquals(List.of(), trained);
    assertEquals(metrics, Files.readString(folder.resolve("ablation/all-seed0/metrics.jsonl")));
  }

  /** However far reading back comes, the file keeps what it has. */
  /** To ask may take longer than to train. */
  @Test
  void stoppedWhileItAsksItAsksAnew() throws IOException {
    Path straight = folder.resolve("straight");
    Path out = folder.resolve("out");
    freezing(straight).build().run();
    LayerFreezing[] stopping = new LayerFreezing[1];
    stopping[0] =
        freezing(out)
            .listeners(
                (group, seed) ->
                    List.of(
                        new TrainingListener() {
                          @Override
                          public void finished(TrainingRun run) {
                            stopping[0].stop();
                          }
                        }))
            .build();
    Ablation stopped = stopping[0].run();
    assertTrue(stopped.runs().isEmpty());
    assertFalse(Files.exists(out.resolve("ablation/all-seed0/answers.json")));
    assertTrue(freezing(out).build().run().isComplete());
    assertEquals(json(straight), json(out));
  }

  /** Whatever its first group and seed are, and whether these are trained already. */
  @Test
  void groupsAndSeedsCanBeAddedInFront() throws IOException {
    freezing(folder).groups(GROUPS.subList(1, 2)).seeds(5).build().run();
    String alone = json(folder);
    Ablation more = freezing(folder).build().run();
    assertTrue(more.isComplete());
    assertEquals(6, more.runs().size());
    freezing(folder).groups(GROUPS.subList(1, 2)).seeds(5).build().run();
    assertEquals(alone, json(folder));
  }

  @Test
  void anInterruptedReadingBackLosesNothing() throws IOException {
    Ablation whole = freezing(folder).build().run();
    String expected = json(folder);
    LayerFreezing dying =
        freezing(folder)
            .listeners(
                (group, seed) -> {
                  if (group.name().equals("second") && seed == 5) {
                    throw new Killed();
                  }
                  return List.of();
                })
            .build();
    assertThrows(Killed.class, dying::run);
    assertEquals(expected, json(folder));
    LayerFreezing[] stopping = new LayerFreezing[1];
    stopping[0] =
        freezing(folder)
            .listeners(
                (group, seed) -> {
                  stopping[0].stop();
                  return List.of();
                })
            .build();
    assertEquals(whole, stopping[0].run());
    assertEquals(expected, json(folder));
  }

  /** Answers to other pairs, or of other parameters, are none of these. */
  @Test
  void otherPairsAreAskedWithoutTraining() throws IOException {
    freezing(folder).build().run();
    List<PairExample> others = triples.evaluationPairs().subList(10, 30);
    List<String> trained = new ArrayList<>();
    Ablation again =
        LayerFreezing.of(reranker, triples, others)
            .groups(GROUPS)
            .seeds(0, 5)
            .adapter(lora -> lora.targets("q_proj", "v_proj").rank(4).alpha(8))
            .options(options().build())
            .listeners(at(1, () -> trained.add("a step")))
            .folder(folder)
            .build()
            .run();
    assertEquals(List.of(), trained);
    Path fresh = folder.resolve("fresh");
    Ablation expected =
        LayerFreezing.of(reranker, triples, others)
            .groups(GROUPS)
            .seeds(0, 5)
            .adapter(lora -> lora.targets("q_proj", "v_proj").rank(4).alpha(8))
            .options(options().build())
            .folder(fresh)
            .build()
            .run();
    assertEquals(expected, again);
    assertEquals(json(fresh), json(folder));
  }

  @Test
  void aRunThatBeganAnewKeepsNoOldAnswers() throws IOException {
    freezing(folder).build().run();
    Path own = folder.resolve("ablation/all-seed0");
    Files.delete(own.resolve("state.safetensors"));
    Files.delete(own.resolve("adapter/adapter_model.safetensors"));
    String expected = json(folder);
    Path answers = own.resolve("answers.json");
    String text = Files.readString(answers);
    String hash = Json.read(answers).string("parameters_sha256");
    String right = Json.read(answers).string("right");
    Files.writeString(
        answers, text.replace(hash, "0".repeat(64)).replace(right, "0".repeat(right.length())));
    freezing(folder).build().run();
    assertEquals(expected, json(folder));
  }

  @Test
  void evaluationsInBetweenAreInTheMetrics() {
    freezing(folder).seeds(0).options(options().evaluateEvery(3).build()).build().run();
    StepSeries series =
        StepSeries.read(folder.resolve("ablation/all-seed0/metrics.jsonl"), "eval_accuracy");
    assertEquals(List.of(3.0, 6.0), boxed(series.steps()));
    double last =
        Json.read(folder.resolve("ablation.json")).objects("runs").get(0).number("accuracy");
    assertEquals(last, series.values()[1]);
  }

  @Test
  void otherSettingsAreRefused() {
    freezing(folder).build().run();
    String message =
        assertThrows(
                TrainingException.class,
                () -> freezing(folder).options(options().learningRate(1).build()).build().run())
            .getMessage();
    assertTrue(message.contains("learning_rate was 0.02 and is now 1.0"), message);
    assertTrue(message.contains("all-seed0"), message);
  }

  private void refused(
      Class<? extends Exception> type, String part, UnaryOperator<LayerFreezing.Builder> change) {
    LayerFreezing.Builder builder = change.apply(freezing(folder));
    String message = assertThrows(type, builder::build).getMessage();
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(folder.resolve("ablation")));
  }

  @Test
  void whatTheModelLacksIsSaidBeforeAnythingIsTrained() {
    refused(
        IllegalArgumentException.class,
        "the group late (1-2) names layer 2 of a model with the layers 0 to 1",
        b -> b.groups(List.of(LayerGroup.range("all", 0, 1), LayerGroup.range("late", 1, 2))));
    refused(
        IllegalArgumentException.class,
        "two groups of one name",
        b -> b.groups(List.of(LayerGroup.range("a", 0, 1), LayerGroup.range("a", 1, 1))));
    refused(AdapterException.class, "qkv_proj", b -> b.adapter(l -> l.targets("qkv_proj")));
    refused(NullPointerException.class, "folder", b -> b.folder(null));
    assertThrows(IllegalArgumentException.class, () -> freezing(folder).seeds());
    assertThrows(IllegalArgumentException.class, () -> freezing(folder).seeds(1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> LayerFreezing.of(reranker, triples, pairs.subList(0, 1)));
  }

  @Test
  void withoutGroupsTheStandardOnesAreTaken() {
    Ablation ablation =
        freezing(folder)
            .groups(List.of())
            .seeds(0)
            .options(options().steps(1).build())
            .build()
            .run();
    assertEquals(LayerGroup.standard(2), ablation.groups());
    assertEquals(3, ablation.comparisons().size());
  }
}
