package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same inputs give the same bits, whichever threads, warps and blocks are ahead. */
@RequiresShim
class CudaThreadOrderTest {
  /** All but products, which are not of the kernels' making. */
  static Stream<Arguments> operations() {
    return Operations.all().entrySet().stream()
        .filter(e -> !e.getKey().startsWith("linear"))
        .map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void doesNotMatter(String name, Trial.Operation operation) {
    BackendOptions options = BackendOptions.defaults();
    try (Backend first = new CudaBackend("cuda", new ShimDevice(false), options);
        Backend second = new CudaBackend("cuda", new ShimDevice(true), options);
        Trial forwards = new Trial(first, Precision.BF16, true, name.hashCode());
        Trial backwards = new Trial(second, Precision.BF16, true, name.hashCode())) {
      operation.run(forwards);
      operation.run(backwards);
      backwards.hold(forwards, 0);
    }
  }
}
