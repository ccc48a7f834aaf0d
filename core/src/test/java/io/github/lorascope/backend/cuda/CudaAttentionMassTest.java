package io.github.lorascope.backend.cuda;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a query sees more keys than a block has room for, and where it has just so much. */
@RequiresDevice
class CudaAttentionMassTest {
  /** Of the largest number in a result: sums of thousands in float32. */
  private static final double TOLERANCE = 2e-5;

  @ParameterizedTest
  @CsvSource({"8191, 0", "8192, 0", "8193, 0", "9000, 8500", "9000, 40"})
  void agreesWithReferenceWhateverIsKept(int keys, int window) {
    BackendOptions options = BackendOptions.defaults();
    try (Backend reference = new ReferenceBackend(options);
        Backend backend = new CudaBackend("cuda", TestDevice.open(false), options);
        Trial expected = new Trial(reference, Precision.F32, false, keys);
        Trial actual = new Trial(backend, Precision.F32, false, keys)) {
      masses(expected, keys, window);
      masses(actual, keys, window);
      actual.hold(expected, TestDevice.tolerance(TOLERANCE));
    }
  }

  private static void masses(Trial t, int keys, int window) {
    AttentionShape shape =
        new AttentionShape(2, 1, 4, window, new int[] {0, 2}, new int[] {0, keys});
    int[] spans = {0, keys, keys - 30, keys, 1, 1, keys / 3, keys - 7};
    Tensor y = t.empty(4, 5);
    t.backend().attentionMass(t.normal(2, 8), t.normal(keys, 4), shape, 0, 0, spans, y);
    t.keep("masses", y.columns(0, 4));
    t.keep("entropy", y.columns(4, 5));
  }
}
