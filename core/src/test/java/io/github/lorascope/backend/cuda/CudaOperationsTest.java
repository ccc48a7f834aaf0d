package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation of the cuda backend, its kernels run on the CPU, against Reference. */
@RequiresShim
class CudaOperationsTest {
  /** Of the largest number in a result: what float32 sums in another order may differ by. */
  private static final double TOLERANCE = 5e-6;

  static Stream<Arguments> operations() {
    return Stream.of(Precision.values())
        .flatMap(
            precision ->
                Operations.all().entrySet().stream()
                    .map(e -> Arguments.of(e.getKey(), precision, e.getValue())));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("operations")
  void agreesWithReference(String name, Precision precision, Trial.Operation operation) {
    BackendOptions options = BackendOptions.defaults();
    long seed = name.hashCode();
    boolean backwards = precision == Precision.BF16;
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new CudaBackend("cuda", new ShimDevice(backwards), options)) {
      try (Trial expected = new Trial(reference, precision, seed);
          Trial actual = new Trial(backend, precision, seed)) {
        operation.run(expected);
        operation.run(actual);
        actual.hold(expected, TOLERANCE);
      }
      assertEquals(0, backend.memory().used(), "memory is left");
      assertEquals(0, backend.memory().openScopes(), "scopes are left");
    }
  }
}
