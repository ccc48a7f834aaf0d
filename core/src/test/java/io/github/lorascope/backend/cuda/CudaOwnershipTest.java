package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Backends;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another device or backend made is refused, and its address never used here. */
@RequiresShim
class CudaOwnershipTest {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();
  private static final DenseWeight WEIGHT = DenseWeight.of("w", 2, 3, new float[6]);

  private final Backend here = new CudaBackend("cuda", new ShimDevice(false), OPTIONS);
  private final Backend there = new CudaBackend("cuda", new ShimDevice(false), OPTIONS);
  private final MemoryScope scope = here.scope("test");
  private final MemoryScope foreign = there.scope("test");
  private final BackendWeight weight = here.prepare(WEIGHT, Precision.F32, scope);
  private final Tensor x = scope.zeros(1, 3);
  private final Tensor y = scope.zeros(1, 2);

  @AfterEach
  void close() {
    scope.close();
    foreign.close();
    here.close();
    there.close();
  }

  private static void refused(Executable operation) {
    String message = assertThrows(IllegalArgumentException.class, operation).getMessage();
    assertTrue(message.contains("another"), message);
  }

  @Test
  void tensorsOfAnotherDevice() {
    Tensor other = foreign.zeros(1, 3);
    refused(() -> here.add(other, x, x));
    refused(() -> here.squaredNorm(other));
    refused(() -> here.linear(other, weight, null, null, y));
    refused(() -> here.linearBackward(y, weight, null, null, other, false));
    Tensor b = scope.zeros(2, 1);
    LowRank adapter = new LowRank(other, b, 1, Dropout.NONE, scope.zeros(1, 1));
    refused(() -> here.linear(x, weight, null, adapter, y));
    Tensor a = scope.zeros(1, 3);
    Tensor xa = scope.zeros(1, 1);
    LowRank path = new LowRank(a, b, 1, Dropout.NONE, xa);
    refused(() -> here.linearBackward(y, weight, path, foreign.zeros(1, 1), x, false));
    refused(() -> here.lowRankBackward(List.of(new LowRankGradient(y, path, xa, other, a, b))));
  }

  @Test
  void weightsOfAnotherDevice() {
    BackendWeight other = there.prepare(WEIGHT, Precision.F32, foreign);
    refused(() -> here.linear(x, other, null, null, y));
    refused(() -> here.linearBackward(y, other, null, null, x, false));
    refused(() -> here.gather(other, new int[] {1}, x));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void weightsOfAnotherBackend(String name) {
    try (Backend backend = Backends.named(name, OPTIONS);
        MemoryScope own = backend.scope("test")) {
      BackendWeight other = backend.prepare(WEIGHT, Precision.F32, own);
      refused(() -> here.linear(x, other, null, null, y));
      Tensor ownX = own.zeros(1, 3);
      Tensor ownY = own.zeros(1, 2);
      refused(() -> backend.linear(ownX, weight, null, null, ownY));
      refused(() -> backend.linearBackward(ownY, weight, null, null, ownX, false));
    }
  }
}
