package io.github.lorascope.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.Golden;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.decoder.AdapterTensors;
import io.github.lorascope.decoder.AdapterTensors.Site;
import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.DecoderPass;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.LowRankPair;
import io.github.lorascope.decoder.PassOptions;
import io.github.lorascope.decoder.TestAdapter;
import io.github.lorascope.decoder.TokenBatch;
import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gradient of the whole decoder, with dropout, against central differences in double precision.
 */
class DecoderGradientTest {
  private static final double STEP = 1e-5;
  private static final TokenBatch BATCH =
      TokenBatch.of(List.of(new int[] {5, 9, 7, 100, 3}, new int[] {11}, new int[] {8, 8, 2}));
  private static final int[] LABELS = {0, 1, 1};

  @ParameterizedTest
  @CsvSource({
    "phi3, false",
    "phi3, true",
    "phi3-window, false",
    "llama-gqa, true",
    "qwen2-bias, false",
    "qwen3, true",
    "phi3-partial, false",
    "phi3-longrope, false"
  })
  void isThatOfTheLoss(String model, boolean recompute) {
    PassOptions options = new PassOptions(true, 0.25, 11, recompute);
    ReferenceBackend backend =
        new ReferenceBackend(new DoublePool(new MemoryAccount("double", Long.MAX_VALUE)));
    LoadOptions load = LoadOptions.defaults().with(Precision.F32);
    try (Decoder decoder = Decoder.load(Golden.path(model), load, backend);
        TestAdapter adapter = new TestAdapter(decoder, 3, site -> site.layer() > 0);
        MemoryScope scope = backend.scope("gradients")) {
      AdapterTensors gradients = adapter.gradients(scope);
      loss(decoder, adapter, options, scope, gradients);
      Random random = new Random(5);
      for (Site site : adapter.adapter().values().paths().keySet()) {
        LowRankPair values = adapter.adapter().values().paths().get(site);
        LowRankPair pair = gradients.paths().get(site);
        check(decoder, adapter, options, scope, site + " A", values.a(), pair.a(), random);
        check(decoder, adapter, options, scope, site + " B", values.b(), pair.b(), random);
      }
      Tensor head = adapter.adapter().values().head();
      check(decoder, adapter, options, scope, "head", head, gradients.head(), random);
    }
    assertEquals(0, backend.memory().used());
  }

  private static void check(
      Decoder decoder,
      TestAdapter adapter,
      PassOptions options,
      MemoryScope scope,
      String name,
      Tensor values,
      Tensor gradient,
      Random random) {
    int row = random.nextInt(values.rows());
    int column = random.nextInt(values.columns());
    double kept = values.get(row, column);
    values.set(row, column, kept + STEP);
    double above = loss(decoder, adapter, options, scope, null);
    values.set(row, column, kept - STEP);
    double below = loss(decoder, adapter, options, scope, null);
    values.set(row, column, kept);
    double expected = (above - below) / (2 * STEP);
    assertEquals(
        expected, gradient.get(row, column), 1e-8 + 1e-5 * Math.abs(expected), name + " " + row);
  }

  private static double loss(
      Decoder decoder,
      TestAdapter adapter,
      PassOptions options,
      MemoryScope scope,
      AdapterTensors gradients) {
    try (DecoderPass pass = decoder.forward(BATCH, adapter.adapter(), options)) {
      Tensor dLogits = scope.tensor(LABELS.length, 2);
      double[] losses =
          decoder.backend().crossEntropy(pass.logits(), LABELS, 1.0 / LABELS.length, dLogits);
      if (gradients != null) {
        pass.backward(dLogits, gradients);
      }
      double sum = 0;
      for (double loss : losses) {
        sum += loss / losses.length;
      }
      return sum;
    }
  }
}
