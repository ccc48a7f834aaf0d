package io.github.lorascope.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.TinyModel;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.data.EpochSampler;
import io.github.lorascope.data.PairExample;
import io.github.lorascope.data.Triples;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.prompt.PairPrompt;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tensor.Tensor;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a step does to the parameters, computed once more. */
class TrainerUpdateTest {
  private static final double RATE = 5e-3;
  private static final double DECAY = 0.1;
  private static final int STEPS = 5;

  /** Three modules in each of two layers. */
  private static final int SITES = 3 * 2;

  @TempDir static Path model;

  @BeforeAll
  static void write() {
    TinyModel.write(model);
    TinyModel.tsv(model.resolve("triples.tsv"), 64);
  }

  private static TrainingOptions.Builder options() {
    return TrainingOptions.builder()
        .steps(STEPS)
        .batch(8)
        .learningRate(RATE)
        .schedule(Schedule.LINEAR, 2)
        .seed(3);
  }

  /** AdamW (Loshchilov and Hutter, 2019) with PyTorch's constants, from the gradients told. */
  private static final class Replay implements TrainingListener {
    private double[] parameters;
    private double[] first;
    private double[] second;
    private float[] gradient;
    private int steps;

    @Override
    public void started(TrainingStart start) {
      float[] values = start.adapter().parameters().toArray();
      parameters = new double[values.length];
      Arrays.setAll(parameters, i -> values[i]);
      first = new double[values.length];
      second = new double[values.length];
    }

    @Override
    public void clipped(int step, Tensor gradient) {
      this.gradient = gradient.toArray();
    }

    @Override
    public void updated(int step, Tensor updated) {
      double rate = RATE * Math.min(1, step / 2.0) * (1 - (step - 1.0) / STEPS);
      float[] expected = new float[parameters.length];
      for (int i = 0; i < parameters.length; i++) {
        double g = gradient[i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        double mean = first[i] / (1 - Math.pow(0.9, step));
        double root = Math.sqrt(second[i] / (1 - Math.pow(0.999, step)));
        parameters[i] -= rate * DECAY * parameters[i] + rate * mean / (root + 1e-8);
        expected[i] = (float) parameters[i];
      }
      assertArrayEquals(expected, updated.toArray(), 2e-6f, "step " + step);
      steps++;
    }
  }

  @Test
  void aStepIsAdamWsWithTheScheduleAndTheDecay() {
    Replay replay = new Replay();
    TrainingOptions options = options().weightDecay(DECAY).clip(0.5).build();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      run.train(null, false, replay);
    }
    assertEquals(STEPS, replay.steps);
  }

  /** B is zero at first, so that the first step answers as the evaluation before it. */
  @Test
  void theFirstStepTellsWhatAnEvaluationOfItsPairsDoes() {
    int batch = 3; // odd, so that what an untrained model prefers shows
    TrainingOptions options = options().steps(1).batch(batch).build();
    List<StepRecord> steps = new ArrayList<>();
    try (TinyRun run = new TinyRun(model, "reference", 0, options)) {
      EpochSampler sampler = new EpochSampler(run.triples, options.seed());
      List<PairExample> pairs = LongStream.range(0, batch).mapToObj(sampler::example).toList();
      TrainingRun trained =
          run.train(
              null,
              false,
              pairs,
              new TrainingListener() {
                @Override
                public void stepDone(StepRecord record) {
                  steps.add(record);
                }
              });
      Evaluation untrained = trained.before().orElseThrow();
      assertEquals(untrained.accuracy().accuracy(), steps.get(0).accuracy());
      assertEquals(untrained.meanProbability(), steps.get(0).meanProbability(), 1e-6);
      assertEquals(untrained.loss(), steps.get(0).loss(), 1e-5);
      assertTrue(
          Math.abs(untrained.meanProbability() - 0.5) > 1e-3, "right and wrong look the same");
    }
  }

  /** What is dropped of the first numbers of every linear layer with a path, in turn. */
  private static List<String> dropped(long seed) {
    List<String> masks = new ArrayList<>();
    Backend computing = new ReferenceBackend(BackendOptions.defaults());
    Backend watched =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("linear") && arguments[3] instanceof LowRank path) {
                    float[] ones = new float[64];
                    Arrays.fill(ones, 1);
                    path.dropout().apply(ones, ones.length, 0);
                    masks.add(Arrays.toString(ones));
                  }
                  return method.invoke(computing, arguments);
                });
    TrainingOptions options = options().steps(2).batch(2).accumulate(2).seed(seed).build();
    try (Decoder decoder = Decoder.load(model, LoadOptions.defaults(), watched);
        Reranker reranker =
            Reranker.pairwise(decoder).withPrompt(PairPrompt.of("{query} : {doc_a} : {doc_b} ?"));
        LoraAdapter adapter =
            LoraAdapter.on(decoder)
                .targets("q_proj", "v_proj", "down_proj")
                .dropout(0.4)
                .attach()) {
      EpochSampler sampler = new EpochSampler(Triples.tsv(model.resolve("triples.tsv")), 0);
      Trainer.of(reranker, adapter).data(sampler).options(options).build().run();
    }
    return masks;
  }

  @Test
  void everyLayerAndModuleDropsItsOwnInEveryPass() {
    List<String> masks = dropped(3);
    assertEquals(2 * 2 * SITES, masks.size());
    assertEquals(masks.size(), new HashSet<>(masks).size());
    assertTrue(Collections.disjoint(masks, dropped(4)), "the seed is not heeded");
    assertEquals(masks, dropped(3));
  }
}
