package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation against the Reference backend, in each layout that weights can have here. */
class OneDnnOperationsTest {
  /**
   * Of the largest number in a result. In BF16 too: both backends round the same operands to the
   * same numbers, and differ in the order of float32 sums alone.
   */
  private static final double TOLERANCE = 3e-6;

  private record Setting(Precision precision, WeightLayout layout, int threads) {
    @Override
    public String toString() {
      return precision + (layout == null ? "" : " " + layout) + " on " + threads;
    }
  }

  static Stream<Arguments> operations() {
    List<Setting> settings =
        List.of(
            new Setting(Precision.F32, null, 1),
            new Setting(Precision.F32, WeightLayout.PLAIN, 2),
            new Setting(Precision.F32, WeightLayout.PACKED_F32, 3),
            new Setting(Precision.BF16, null, 2),
            new Setting(Precision.BF16, WeightLayout.PLAIN, 5),
            new Setting(Precision.BF16, WeightLayout.PACKED_F32, 2));
    return settings.stream()
        .flatMap(
            setting ->
                Operations.all().entrySet().stream()
                    .map(e -> Arguments.of(e.getKey(), setting, e.getValue())));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("operations")
  void agreesWithReference(String name, Setting setting, Trial.Operation operation) {
    BackendOptions options = BackendOptions.defaults().withThreads(setting.threads());
    long seed = name.hashCode();
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new OneDnnBackend(options, setting.layout())) {
      try (Trial expected = new Trial(reference, setting.precision(), seed);
          Trial actual = new Trial(backend, setting.precision(), seed)) {
        operation.run(expected);
        operation.run(actual);
        actual.hold(expected, TOLERANCE);
      }
      assertEquals(0, backend.memory().used(), "memory is left");
      assertEquals(0, backend.memory().openScopes(), "scopes are left");
    }
  }
}
