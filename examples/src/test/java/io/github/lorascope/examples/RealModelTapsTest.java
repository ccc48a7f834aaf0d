package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.checkpoint.SafetensorsFile;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.json.Json;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.rerank.Reranker;
import io.github.lorascope.tap.GradientStep;
import io.github.lorascope.tap.GradientTap;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.train.TrainingOptions;
import io.github.lorascope.train.TrainingStart;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the gradient tap says of the bundled model, against transformers and PEFT in float32. */
class RealModelTapsTest {
  private static final Path FOLDER = Folders.resource("/smollm2-cut");
  private static final int PROMPTS = 6;
  private static final double BOUND = 1e-3;

  static List<String> fast() {
    return FastBackends.names();
  }

  /** Of the mean loss over the six prompts, in one pass and added up over two. */
  @ParameterizedTest
  @MethodSource("fast")
  void adapterGradients(String backend) {
    LoadOptions options = LoadOptions.defaults().with(Precision.F32).withBackend(backend);
    try (Decoder decoder = Decoder.load(Bundled.model(), options);
        LoraAdapter adapter = LoraAdapter.load(decoder, FOLDER.resolve("adapter"));
        Reranker reranker = Reranker.pairwise(decoder);
        MemoryScope memory = decoder.backend().scope("gradients")) {
      GradientTap tap = GradientTap.perLayer();
      tap.started(
          new TrainingStart(
              0,
              false,
              false,
              TrainingOptions.builder().steps(2).build(),
              adapter,
              reranker,
              Optional.empty(),
              Map.of()));
      Tensor gradient = memory.zeros(1, adapter.parameters().columns());
      for (int step = 1; step <= 2; step++) {
        decoder.backend().scale(gradient, 0);
        double loss = 0;
        for (int pass = 0; pass < step; pass++) {
          int each = PROMPTS / step;
          loss += backward(adapter, pass * each, (pass + 1) * each, gradient);
        }
        tap.gradient(step, gradient);
        tap.clipped(step, gradient);
        tap.updated(step, adapter.parameters());
        compare(loss, tap.steps().get(step - 1));
      }
    }
  }

  /** Adds the gradient of some prompts' share of the mean loss; returns that share. */
  private static double backward(LoraAdapter adapter, int from, int to, Tensor gradient) {
    SafetensorsFile reference = SafetensorsFile.open(FOLDER.resolve("reference.safetensors"));
    List<Integer> labels = new ArrayList<>();
    Json.read(FOLDER.resolve("reference.json"))
        .node("prompts")
        .forEach(prompt -> labels.add(prompt.get("label").asInt()));
    assertEquals(PROMPTS, labels.size());
    List<int[]> prompts = new ArrayList<>();
    for (int i = from; i < to; i++) {
      LongBuffer ids = reference.data(i + ".ids").asLongBuffer();
      int[] prompt = new int[ids.remaining()];
      for (int t = 0; t < prompt.length; t++) {
        prompt[t] = (int) ids.get(t);
      }
      prompts.add(prompt);
    }
    Backend backend = adapter.decoder().backend();
    try (DecoderPass pass =
            adapter
                .decoder()
                .forward(TokenBatch.of(prompts), adapter.view(), PassOptions.training(0, 0));
        MemoryScope scratch = backend.scope("the gradient of the logits")) {
      Tensor dLogits = scratch.tensor(prompts.size(), 2);
      int[] answers = labels.subList(from, to).stream().mapToInt(Integer::intValue).toArray();
      double share = 0;
      for (double loss : backend.crossEntropy(pass.logits(), answers, 1.0 / PROMPTS, dLogits)) {
        share += loss / PROMPTS;
      }
      pass.backward(dLogits, adapter.view(gradient));
      return share;
    }
  }

  private static void compare(double loss, GradientStep step) {
    SafetensorsFile reference = SafetensorsFile.open(FOLDER.resolve("reference.safetensors"));
    float[] a = reference.floats("gradient.norm.a");
    float[] b = reference.floats("gradient.norm.b");
    float[] rows = reference.floats("gradient.norm.b.qkv");
    assertClose(reference.floats("gradient.loss")[0], loss, "loss");
    assertEquals(18, step.layers().size());
    for (GradientStep.Layer layer : step.layers()) {
      int i = layer.layer();
      assertClose(a[i], layer.a(), "A of layer " + i);
      assertClose(b[i], layer.b(), "B of layer " + i);
      assertClose(rows[3 * i], layer.q(), "q of layer " + i);
      assertClose(rows[3 * i + 1], layer.k(), "k of layer " + i);
      assertClose(rows[3 * i + 2], layer.v(), "v of layer " + i);
      assertClose(Math.hypot(a[i], b[i]), layer.norm(), "layer " + i);
      assertClose(((double) a[i] + b[i]) / 2, layer.mean(), "mean of layer " + i);
    }
  }

  private static void assertClose(double expected, double actual, String what) {
    assertEquals(expected, actual, BOUND * expected, what);
  }
}
