package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Direction;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A weight is kept twice, once or, multiplied part by part, not at all. */
class WeightPartsTest {
  private static final int OUTPUTS = 2500;
  private static final int INPUTS = 2048;
  private static final int ROWS = 70;
  private static final int RANK = 3;
  private static final BackendOptions OPTIONS = BackendOptions.defaults().withThreads(2);

  /** Bytes of the weight in float32. */
  private static final float COPY = (float) Float.BYTES * OUTPUTS * INPUTS;

  /** Half of it has no room for a copy of the weight. */
  private static final long LITTLE = 2L * Float.BYTES * OUTPUTS * INPUTS - 1;

  /** Half of it has room for one copy and for what is beside it, but not for two. */
  private static final long SOME = 2 * LITTLE - 2;

  private static final Weight WEIGHT =
      Nf4.quantize(DenseWeight.of("w", OUTPUTS, INPUTS, numbers(1, OUTPUTS * INPUTS)), false);

  static Stream<WeightLayout> layouts() {
    return Stream.of(WeightLayout.values())
        .filter(layout -> Bf16Check.holds() || layout != WeightLayout.PACKED_BF16);
  }

  private static float[] numbers(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void partsAddUpToTheWhole(WeightLayout layout) {
    List<Integer> parts = new ArrayList<>();
    List<float[]> actual = results(layout, OPTIONS.withMemoryCap(LITTLE), parts);
    assertEquals(List.of(2048, OUTPUTS, 2048, OUTPUTS, 0), parts);
    assertWhole(layout, actual);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void oneCopyServesBothDirections(WeightLayout layout) {
    List<Integer> once = new ArrayList<>();
    List<float[]> actual = results(layout, OPTIONS.withMemoryCap(SOME), once);
    assertEquals(List.of(OUTPUTS, OUTPUTS, 1), once);
    assertWhole(layout, actual);
  }

  private static void assertWhole(WeightLayout layout, List<float[]> actual) {
    List<Integer> whole = new ArrayList<>();
    List<float[]> expected = results(layout, OPTIONS, whole);
    int copies = layout == WeightLayout.PLAIN ? 2 : 1; // two in bfloat16 are as large as one
    assertEquals(List.of(OUTPUTS, OUTPUTS, copies), whole);
    for (int i = 0; i < expected.size(); i++) {
      float largest = 0;
      for (float value : expected.get(i)) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertTrue(largest > 1, "result " + i);
      assertArrayEquals(expected.get(i), actual.get(i), 1e-5f * largest, "result " + i);
    }
  }

  /**
   * y, dx and the gradients of the path, with everything that a linear layer may have.
   *
   * @param seen receives where the parts ended, in either direction, and how many copies are kept
   */
  private static List<float[]> results(
      WeightLayout layout, BackendOptions options, List<Integer> seen) {
    Precision precision = layout == WeightLayout.PACKED_BF16 ? Precision.BF16 : Precision.F32;
    try (OneDnnBackend backend = new OneDnnBackend(options, layout);
        MemoryScope scope = backend.scope("test")) {
      OneDnnWeight weight = backend.prepare(WEIGHT, precision, layout, scope);
      weight.use(Direction.FORWARD, (matrix, from, to) -> seen.add(to));
      weight.use(Direction.BACKWARD, (matrix, from, to) -> seen.add(to));
      seen.add(Math.round(backend.memory().used() / COPY));
      Tensor x = scope.tensor(ROWS, INPUTS, numbers(2, ROWS * INPUTS));
      Tensor bias = scope.tensor(1, OUTPUTS, numbers(3, OUTPUTS));
      LowRank path =
          new LowRank(
              scope.tensor(RANK, INPUTS, numbers(4, RANK * INPUTS)),
              scope.tensor(OUTPUTS, RANK, numbers(5, OUTPUTS * RANK)),
              0.5,
              new Dropout(0.2, 6),
              scope.tensor(ROWS, RANK));
      Tensor y = scope.tensor(ROWS, OUTPUTS);
      backend.linear(x, weight, bias, path, y);
      Tensor dy = scope.tensor(ROWS, OUTPUTS, numbers(7, ROWS * OUTPUTS));
      Tensor dx = scope.tensor(ROWS, INPUTS, numbers(8, ROWS * INPUTS));
      Tensor dxa = scope.tensor(ROWS, RANK);
      backend.linearBackward(dy, weight, path, dxa, dx, true);
      float[] added = dx.toArray();
      backend.linearBackward(dy, weight, path, dxa, dx, false);
      LowRankGradient gradient =
          new LowRankGradient(
              dy, path, dxa, x, scope.zeros(RANK, INPUTS), scope.zeros(OUTPUTS, RANK));
      backend.lowRankBackward(List.of(gradient));
      return List.of(
          y.toArray(), added, dx.toArray(), gradient.a().toArray(), gradient.b().toArray());
    }
  }
}
