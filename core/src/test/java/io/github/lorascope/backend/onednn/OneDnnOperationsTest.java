package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation against the Reference backend, in each layout that weights can have here. */
class OneDnnOperationsTest {
  /**
   * Of the largest number in a result. In BF16 too: both backends round the same operands to the
   * same numbers, and differ in the order of float32 sums alone.
   */
  private static final double TOLERANCE = 3e-6;

  /** Where what passes between the operations of a layer may be in bfloat16, as on the GPU. */
  private static final double ROUNDED_TOLERANCE = 8e-3;

  private record Setting(Precision precision, WeightLayout layout, int threads) {
    @Override
    public String toString() {
      return precision + (layout == null ? "" : " " + layout) + " on " + threads;
    }
  }

  static Stream<Arguments> operations() {
    return Stream.concat(
            Stream.of(
                new Setting(Precision.F32, null, 1),
                new Setting(Precision.F32, WeightLayout.PLAIN, 3),
                new Setting(Precision.BF16, WeightLayout.PLAIN, 5)),
            roundedSettings())
        .flatMap(OneDnnOperationsTest::each);
  }

  /** What the backend chooses, and its other way, skipped where this processor has none. */
  private static Stream<Setting> roundedSettings() {
    return Stream.of(
        new Setting(Precision.BF16, null, 2),
        new Setting(Precision.BF16, WeightLayout.PACKED_BF16, 2));
  }

  private static Stream<Arguments> each(Setting setting) {
    return Operations.all().entrySet().stream()
        .map(e -> Arguments.of(e.getKey(), setting, e.getValue()));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("operations")
  void agreesWithReference(String name, Setting setting, Trial.Operation operation) {
    agrees(name, setting, operation, false, TOLERANCE);
  }

  private static void agrees(
      String name, Setting setting, Trial.Operation operation, boolean rounded, double tolerance) {
    assumeTrue(
        setting.layout() != WeightLayout.PACKED_BF16 || Bf16Check.holds(),
        "oneDNN has no bfloat16 products of this processor's own");
    BackendOptions options = BackendOptions.defaults().withThreads(setting.threads());
    long seed = name.hashCode();
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new OneDnnBackend(options, setting.layout())) {
      try (Trial expected = new Trial(reference, setting.precision(), rounded, seed);
          Trial actual = new Trial(backend, setting.precision(), rounded, seed)) {
        operation.run(expected);
        operation.run(actual);
        actual.hold(expected, tolerance);
      }
      assertEquals(0, backend.memory().used(), "memory is left");
      assertEquals(0, backend.memory().openScopes(), "scopes are left");
    }
  }

  static Stream<Arguments> rounded() {
    return roundedSettings().flatMap(OneDnnOperationsTest::each);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("rounded")
  void roundedOperationsAreNear(String name, Setting setting, Trial.Operation operation) {
    agrees(name, setting, operation, true, ROUNDED_TOLERANCE);
  }

  /**
   * Products with AMX read whole rows of tiles; what is behind a shorter row must not be what the
   * memory held before, nor what stands beside it.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 34, 80, 100, 1100})
  void nothingBehindARowIsMultiplied(int inputs) {
    WeightLayout layout = Bf16Check.holds() ? WeightLayout.PACKED_BF16 : WeightLayout.PLAIN;
    try (Backend backend = new OneDnnBackend(BackendOptions.defaults().withThreads(1), layout)) {
      try (MemoryScope scope = backend.scope("before")) {
        for (int size = 16; size <= 4096; size += 16) {
          scope.tensor(1, size).fill(Float.NaN);
        }
      }
      try (MemoryScope scope = backend.scope("a product")) {
        float[] ones = new float[inputs];
        Arrays.fill(ones, 1);
        BackendWeight weight =
            backend.prepare(DenseWeight.of("ones", 1, inputs, ones), Precision.BF16, scope);
        for (Tensor whole : List.of(scope.tensor(3, 1152), scope.rounded(3, 1152))) {
          whole.fill(Float.NaN);
          Tensor x = whole.rows(1, 2).columns(0, inputs);
          x.fill(1);
          Tensor y = scope.tensor(1, 1);
          backend.linear(x, weight, null, null, y);
          assertEquals(inputs, y.get(0, 0));
        }
      }
    }
  }
}
