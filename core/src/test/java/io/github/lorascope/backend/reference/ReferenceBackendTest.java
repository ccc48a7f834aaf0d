package io.github.lorascope.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each operation against values computed by hand; float32, so to 1e-6. */
class ReferenceBackendTest {
  private static final double TOLERANCE = 1e-6;

  private final ReferenceBackend backend = new ReferenceBackend(BackendOptions.defaults());
  private final MemoryScope scope = backend.scope("test");

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    assertEquals(0, backend.memory().openScopes());
    assertEquals(0, backend.memory().used());
  }

  private Tensor tensor(int rows, int columns, float... values) {
    return scope.tensor(rows, columns, values);
  }

  private BackendWeight weight(Precision precision, int rows, int columns, float... values) {
    return backend.prepare(new ArrayWeight(values, rows, columns), precision, scope);
  }

  private static void holds(Tensor actual, double... expected) {
    double[] numbers = Rows.read(actual.reshape(1, expected.length), 0);
    assertArrayEquals(expected, numbers, TOLERANCE);
  }

  @Test
  void gatherReadsRowsInTheOrderAskedFor() {
    Tensor y = scope.tensor(3, 2);
    backend.gather(weight(Precision.F32, 3, 2, 1, 2, 3, 4, 5, 6), new int[] {2, 0, 2}, y);
    holds(y, 5, 6, 1, 2, 5, 6);
  }

  @Test
  void gatherDoesNotRound() {
    float value = 1.0001f;
    Tensor y = scope.tensor(1, 1);
    backend.gather(weight(Precision.BF16, 1, 1, value), new int[] {0}, y);
    assertEquals(value, (float) y.get(0, 0));
  }

  @Test
  void selectRowsAndAddToRows() {
    Tensor x = tensor(3, 2, 1, 2, 3, 4, 5, 6);
    Tensor y = scope.tensor(2, 2);
    backend.selectRows(x, new int[] {2, 1}, y);
    holds(y, 5, 6, 3, 4);
    backend.addToRows(y, new int[] {0, 2}, x);
    holds(x, 6, 8, 3, 4, 8, 10);
  }

  @Test
  void rmsNormDividesByTheRootOfTheMeanSquare() {
    Tensor y = scope.tensor(1, 2);
    Tensor inverse = scope.tensor(1, 1);
    backend.rmsNorm(tensor(1, 2, 3, 4), tensor(1, 2, 1, -2), 0.5, y, inverse);
    holds(inverse, 0.27735010); // 1 / sqrt((9 + 16) / 2 + 0.5)
    holds(y, 0.83205029, -2.21880078);
  }

  @Test
  void rmsNormOfZerosIsZero() {
    Tensor y = scope.tensor(1, 2);
    backend.rmsNorm(tensor(1, 2, 0, 0), tensor(1, 2, 1, 1), 1e-5, y, scope.tensor(1, 1));
    holds(y, 0, 0);
  }

  @Test
  void linearWithBiasAndAdapter() {
    Tensor x = tensor(2, 2, 1, 2, 3, 4);
    BackendWeight w = weight(Precision.F32, 3, 2, 1, 0, 0, 1, 1, -1);
    Tensor y = scope.tensor(2, 3);
    backend.linear(x, w, null, null, y);
    holds(y, 1, 2, -1, 3, 4, -1);
    Tensor bias = tensor(1, 3, 10, 20, 30);
    backend.linear(x, w, bias, null, y);
    holds(y, 11, 22, 29, 13, 24, 29);
    LowRank adapter =
        new LowRank(
            tensor(1, 2, 1, 1), tensor(3, 1, 1, 0, -1), 0.5, Dropout.NONE, scope.tensor(2, 1));
    backend.linear(x, w, bias, adapter, y);
    holds(adapter.xa(), 3, 7);
    holds(y, 12.5, 22, 27.5, 16.5, 24, 25.5);
  }

  @Test
  void bf16RoundsTheOperandsOfTheProductButNotTheAdapter() {
    float fine = 1 + 1 / 512f; // rounds to 1 in bfloat16
    BackendWeight w = weight(Precision.BF16, 1, 1, fine);
    Tensor x = tensor(1, 1, fine);
    Tensor y = scope.tensor(1, 1);
    backend.linear(x, w, null, null, y);
    assertEquals(1, y.get(0, 0));
    LowRank adapter =
        new LowRank(tensor(1, 1, 1), tensor(1, 1, 1), 1, Dropout.NONE, scope.tensor(1, 1));
    backend.linear(x, w, null, adapter, y);
    assertEquals(1 + fine, (float) y.get(0, 0));
    Tensor dx = scope.tensor(1, 1);
    backend.linearBackward(x, w, null, null, dx, false);
    assertEquals(1, dx.get(0, 0));
  }

  @Test
  void adapterReadsTheInputThatDropoutLeaves() {
    Dropout dropout = new Dropout(0.5, 7);
    Tensor x = scope.tensor(1, 64);
    x.fill(1);
    Tensor a = scope.tensor(1, 64);
    a.fill(1);
    BackendWeight w = weight(Precision.F32, 1, 64, new float[64]);
    LowRank adapter = new LowRank(a, tensor(1, 1, 1), 1, dropout, scope.tensor(1, 1));
    Tensor y = scope.tensor(1, 1);
    backend.linear(x, w, null, adapter, y);
    double expected = 0;
    for (int i = 0; i < 64; i++) {
      expected += dropout.factor(i);
    }
    assertEquals(expected, y.get(0, 0));
  }

  @Test
  void ropeTurnsPairsThatLieHalfAHeadApart() {
    Tensor cos = tensor(2, 2, 1, 1, 0, -1); // position 1: a quarter turn, then a half turn
    Tensor sin = tensor(2, 2, 0, 0, 1, 0);
    Tensor x = tensor(2, 5, 1, 2, 3, 4, 9, 1, 2, 3, 4, 9); // the fifth number is not rotated
    backend.rope(x, 5, cos, sin, new int[] {0, 1}, false);
    holds(x, 1, 2, 3, 4, 9, -3, -2, 1, -4, 9);
  }

  @Test
  void attentionIsCausal() {
    // Scale 1 / sqrt(4) = 1/2; the second query scores 0 and 1 on the two keys.
    AttentionShape shape = new AttentionShape(1, 1, 4, 0, new int[] {0, 2}, new int[] {0, 2});
    Tensor q = tensor(2, 4, 9, 9, 9, 9, 1, 0, 0, 0);
    Tensor k = tensor(2, 4, 0, 0, 0, 0, 2, 0, 0, 0);
    Tensor v = tensor(2, 4, 1, 0, 0, 5, 0, 1, 0, 5);
    Tensor y = scope.tensor(2, 4);
    backend.attention(q, k, v, shape, y);
    holds(y, 1, 0, 0, 5, 0.26894142, 0.73105858, 0, 5);
    Tensor p = scope.tensor(2, 2);
    backend.attentionWeights(q, k, shape, 0, p);
    holds(p, 1, 0, 0.26894142, 0.73105858);
  }

  @Test
  void attentionKeepsSequencesApartAndAlignsTheLastQueryWithTheLastKey() {
    // Keys of zeros: each query takes the mean of the values it sees.
    AttentionShape shape = new AttentionShape(1, 1, 1, 0, new int[] {0, 2, 3}, new int[] {0, 3, 4});
    Tensor q = tensor(3, 1, 1, 1, 1);
    Tensor k = tensor(4, 1, 0, 0, 0, 0);
    Tensor v = tensor(4, 1, 2, 4, 9, 100);
    Tensor y = scope.tensor(3, 1);
    backend.attention(q, k, v, shape, y);
    holds(y, 3, 5, 100);
  }

  @Test
  void attentionWindowCountsTheQueryItself() {
    AttentionShape shape = new AttentionShape(1, 1, 1, 2, new int[] {0, 3}, new int[] {0, 3});
    Tensor zeros = scope.zeros(3, 1);
    Tensor y = scope.tensor(3, 1);
    backend.attention(zeros, zeros, tensor(3, 1, 2, 4, 10), shape, y);
    holds(y, 2, 3, 7);
  }

  @Test
  void neighbouringQueryHeadsShareKeysAndValues() {
    AttentionShape shape = new AttentionShape(4, 2, 1, 0, new int[] {0, 1}, new int[] {0, 1});
    Tensor y = scope.tensor(1, 4);
    backend.attention(scope.zeros(1, 4), scope.zeros(1, 2), tensor(1, 2, 3, 8), shape, y);
    holds(y, 3, 3, 8, 8);
  }

  @Test
  void attentionOfLargeScoresStaysFinite() {
    AttentionShape shape = new AttentionShape(1, 1, 1, 0, new int[] {0, 2}, new int[] {0, 2});
    Tensor y = scope.tensor(2, 1);
    backend.attention(
        tensor(2, 1, 1e4f, 1e4f), tensor(2, 1, -1e4f, 1e4f), tensor(2, 1, 1, 2), shape, y);
    holds(y, 1, 2);
  }

  @Test
  void swiGluGatesWithTheLogisticFunction() {
    Tensor y = scope.tensor(1, 3);
    backend.swiGlu(tensor(1, 3, 1, -2, 0), tensor(1, 3, 2, 3, 4), y);
    holds(y, 1.46211716, -0.71521753, 0);
  }

  @Test
  void swiGluOfLargeGatesStaysFinite() {
    Tensor y = scope.tensor(1, 2);
    backend.swiGlu(tensor(1, 2, 1000, -1000), tensor(1, 2, 2, 2), y);
    holds(y, 2000, 0);
  }

  @Test
  void addCopyAndScale() {
    Tensor x = tensor(2, 2, 1, 2, 3, 4);
    Tensor y = scope.tensor(2, 2);
    backend.copy(x, y);
    backend.add(x, y, y);
    backend.scale(y, -0.5);
    holds(y, -1, -2, -3, -4);
    holds(x, 1, 2, 3, 4);
  }

  @Test
  void squaredNormSumsInDoublePrecision() {
    Tensor x = scope.tensor(1, 10_001);
    x.fill(1e-2f);
    x.set(0, 0, 1e3);
    double small = 1e-2f;
    assertEquals(1e6 + 1e4 * small * small, backend.squaredNorm(x), 1e-6);
  }

  @Test
  void headIsAProductWithEachLabel() {
    Tensor logits = scope.tensor(2, 2);
    backend.head(tensor(2, 2, 1, 2, 3, 4), tensor(2, 2, 1, 0, 1, -1), logits);
    holds(logits, 1, -1, 3, -1);
  }

  @Test
  void crossEntropyInNats() {
    Tensor logits = tensor(2, 2, 2, 1, 1000, -1000);
    Tensor dLogits = scope.tensor(2, 2);
    double[] losses = backend.crossEntropy(logits, new int[] {0, 1}, 0.5, dLogits);
    assertEquals(0.31326168751822286, losses[0], 1e-12); // log(1 + e^-1)
    assertEquals(2000, losses[1], 1e-12);
    holds(dLogits, -0.13447071, 0.13447071, 0.5, -0.5);
  }

  @Test
  void adamWTakesPyTorchsSteps() {
    Tensor p = tensor(1, 1, 1);
    Tensor m = scope.zeros(1, 1);
    Tensor v = scope.zeros(1, 1);
    // Step 1: p = 0.999 - 0.1 * 0.5 / (0.5 + 0.5), as both moments' biases cancel.
    backend.adamW(p, tensor(1, 1, 0.5f), m, v, new AdamW(0.1, 0.9, 0.999, 0.5, 0.01, 1));
    holds(p, 0.949);
    // Step 2: m = 0.9 * 0.05 - 0.1 * 0.25, v = 0.999 * 0.00025 + 0.001 * 0.0625,
    // p = 0.999 p - 0.1 (m / 0.19) / (sqrt(v / 0.001999) + 0.5).
    backend.adamW(p, tensor(1, 1, -0.25f), m, v, new AdamW(0.1, 0.9, 0.999, 0.5, 0.01, 2));
    holds(m, 0.02);
    assertEquals(0.00031225, v.get(0, 0), 1e-10);
    holds(p, 0.936292714);
  }

  @Test
  void adamWShrinksWhatHasNoGradient() {
    Tensor p = tensor(1, 1, 2);
    backend.adamW(
        p,
        scope.zeros(1, 1),
        scope.zeros(1, 1),
        scope.zeros(1, 1),
        new AdamW(0.1, 0.9, 0.999, 1e-8, 0.5, 1));
    holds(p, 1.9);
  }

  @Test
  void describesItself() {
    assertEquals("reference", backend.name());
    assertTrue(backend.description().startsWith("reference"), backend.description());
  }
}
