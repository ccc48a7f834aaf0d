package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where there are no rows there is nothing to do: a GPU refuses a grid without blocks. */
@RequiresShim
class CudaEmptyTest {
  static Stream<Arguments> operations() {
    Map<String, Trial.Operation> all = new LinkedHashMap<>();
    all.put("rows of a table", CudaEmptyTest::gather);
    all.put("rows of a matrix", CudaEmptyTest::rows);
    all.put("rmsNorm", CudaEmptyTest::rmsNorm);
    all.put("rope", CudaEmptyTest::rope);
    all.put("swiGlu", CudaEmptyTest::swiGlu);
    all.put("numbers by themselves", CudaEmptyTest::numbers);
    all.put("head", CudaEmptyTest::head);
    all.put("adamW", CudaEmptyTest::adamW);
    all.put("attention of no sequence", t -> attention(t, new int[] {0}, new int[] {0}));
    all.put("attention of no query", t -> attention(t, new int[] {0, 0}, new int[] {0, 3}));
    all.put("attention of no key", t -> attention(t, new int[] {0, 0, 0}, new int[] {0, 0, 0}));
    return all.entrySet().stream()
        .flatMap(
            e ->
                Stream.of(
                    Arguments.of(e.getKey(), false, e.getValue()),
                    Arguments.of(e.getKey(), true, e.getValue())));
  }

  @ParameterizedTest(name = "{0}, rounded {1}")
  @MethodSource("operations")
  void changesNothing(String name, boolean rounded, Trial.Operation operation) {
    BackendOptions options = BackendOptions.defaults();
    long seed = name.hashCode();
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new CudaBackend("cuda", TestDevice.open(false), options)) {
      try (Trial expected = new Trial(reference, Precision.BF16, rounded, seed);
          Trial actual = new Trial(backend, Precision.BF16, rounded, seed)) {
        operation.run(expected);
        operation.run(actual);
        actual.hold(expected, 0);
      }
      assertEquals(0, backend.memory().used(), "memory is left");
    }
  }

  private static void gather(Trial t) {
    t.backend().gather(t.weight(4, 5), new int[0], t.empty(0, 5));
  }

  private static void rows(Trial t) {
    Tensor x = t.normal(4, 5);
    t.backend().selectRows(x, new int[0], t.empty(0, 5));
    t.backend().addToRows(t.empty(0, 5), new int[0], x);
    t.keep("x", x);
  }

  private static void rmsNorm(Trial t) {
    Tensor x = t.empty(0, 5);
    Tensor gain = t.normal(1, 5);
    Tensor inverse = t.empty(0, 1);
    t.backend().rmsNorm(x, gain, 1e-5, t.empty(0, 5), inverse);
    t.backend().rmsNormBackward(t.empty(0, 5), x, gain, inverse, t.empty(0, 5));
    t.backend().addRmsNorm(x, x, gain, 1e-5, t.empty(0, 5), t.empty(0, 5), inverse);
    t.backend().headNorm(x, gain, 1e-5, t.empty(0, 5), inverse);
    t.backend().headNormBackward(x, x, gain, inverse, t.empty(0, 5));
  }

  private static void rope(Trial t) {
    t.backend().rope(t.empty(0, 8), 4, t.normal(3, 2), t.normal(3, 2), new int[0], false);
  }

  private static void swiGlu(Trial t) {
    Tensor x = t.empty(0, 5);
    t.backend().swiGlu(x, x, t.empty(0, 5));
    t.backend().swiGluBackward(x, x, x, t.empty(0, 5), t.empty(0, 5));
  }

  private static void numbers(Trial t) {
    Tensor x = t.empty(0, 5);
    t.backend().add(x, x, t.empty(0, 5));
    t.backend().copy(x, t.empty(0, 5));
    t.backend().scale(x, 2);
    t.keep("norms", t.backend().squaredNorms(List.of(x, t.normal(2, 3))));
  }

  private static void head(Trial t) {
    Tensor h = t.empty(0, 5);
    Tensor w = t.normal(2, 5);
    Tensor logits = t.empty(0, 2);
    t.backend().head(h, w, logits);
    t.keep("losses", t.backend().crossEntropy(logits, new int[0], 1, t.empty(0, 2)));
    Tensor dw = t.normal(2, 5);
    t.backend().headBackward(logits, h, w, dw, t.empty(0, 5));
    t.keep("dw", dw);
  }

  private static void adamW(Trial t) {
    AdamW update = new AdamW(0.01, 0.9, 0.99, 1e-8, 0.1, 1);
    t.backend().adamW(t.empty(0, 5), t.empty(0, 5), t.empty(0, 5), t.empty(0, 5), update);
  }

  private static void attention(Trial t, int[] queryOffsets, int[] keyOffsets) {
    AttentionShape shape = new AttentionShape(2, 1, 4, 0, queryOffsets, keyOffsets);
    int keys = keyOffsets[keyOffsets.length - 1];
    Tensor q = t.emptyActivations(0, 8);
    Tensor k = t.normalActivations(keys, 4);
    Tensor v = t.normalActivations(keys, 4);
    Tensor y = t.emptyActivations(0, 8);
    t.backend().attention(q, k, v, shape, y);
    Tensor dk = t.emptyActivations(keys, 4);
    Tensor dv = t.emptyActivations(keys, 4);
    t.backend().attentionBackward(y, q, k, v, shape, y, t.emptyActivations(0, 8), dk, dv);
    t.keep("dk", dk);
    t.keep("dv", dv);
    for (int s = 0; s < shape.sequences(); s++) {
      t.backend().attentionWeights(q, k, shape, s, t.empty(0, shape.keys(s)));
      t.backend().attentionMass(q, k, shape, s, 0, new int[] {0, shape.keys(s)}, t.empty(0, 2));
    }
  }
}
