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

/**
 * Every operation of the cuda backend, its kernels run on a GPU or on the CPU, against Reference.
 */
@RequiresDevice
class CudaOperationsTest {
  /** Of the largest number in a result: what float32 sums in another order may differ by. */
  private static final double TOLERANCE = 5e-6;

  /** The same where results are bfloat16, which rounds to 8 bits, and sums are of such. */
  private static final double ROUNDED = 8e-3;

  static Stream<Arguments> operations() {
    return Operations.all().entrySet().stream()
        .flatMap(
            e ->
                Stream.of(
                    Arguments.of(e.getKey(), Precision.F32, false, e.getValue()),
                    Arguments.of(e.getKey(), Precision.BF16, false, e.getValue()),
                    Arguments.of(e.getKey(), Precision.BF16, true, e.getValue())));
  }

  @ParameterizedTest(name = "{0}, {1}, rounded {2}")
  @MethodSource("operations")
  void agreesWithReference(
      String name, Precision precision, boolean rounded, Trial.Operation operation) {
    BackendOptions options = BackendOptions.defaults();
    long seed = name.hashCode();
    boolean backwards = precision == Precision.BF16 && !rounded;
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new CudaBackend("cuda", TestDevice.open(backwards), options)) {
      try (Trial expected = new Trial(reference, precision, rounded, seed);
          Trial actual = new Trial(backend, precision, rounded, seed)) {
        operation.run(expected);
        operation.run(actual);
        actual.hold(expected, rounded ? ROUNDED : TestDevice.tolerance(TOLERANCE));
      }
      assertEquals(0, backend.memory().used(), "memory is left");
      assertEquals(0, backend.memory().openScopes(), "scopes are left");
    }
  }
}
