package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Operations;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.Trial;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which kernels run when everything runs whose results other tests look at. */
class KernelCoverageTest {
  private static final int SIZE = 256; // rows and columns of a weight

  private final LaunchLog log = new LaunchLog();

  @Test
  void everyKernelIsLaunched() {
    for (Precision precision : Precision.values()) {
      operations(precision, false); // CudaOperationsTest
      nf4(precision, false); // CudaNf4Test
      nf4(precision, true);
    }
    operations(Precision.BF16, true);
    for (WeightForm form : CudaGatherTest.FORMS) {
      gather(form);
    }
    Set<String> missing = new TreeSet<>();
    for (KernelSource source : KernelSource.values()) {
      missing.addAll(source.kernels());
    }
    missing.removeAll(log.kernels());
    assertEquals(Set.of(), missing);
  }

  private CudaBackend backend(long memory) {
    BackendOptions options = BackendOptions.defaults().withMemoryCap(memory);
    return new CudaBackend("cuda", log.watch(new IdleDevice()), options);
  }

  private void operations(Precision precision, boolean rounded) {
    try (CudaBackend backend = backend(1L << 30)) {
      for (Trial.Operation operation : Operations.all().values()) {
        try (Trial trial = new Trial(backend, precision, rounded, 1)) {
          operation.run(trial);
        }
      }
    }
  }

  private void nf4(Precision precision, boolean nested) {
    DenseWeight source = DenseWeight.of("w", SIZE, SIZE, new float[SIZE * SIZE]);
    Nf4Weight weight = Nf4.quantize(source, nested);
    // Where there is little memory, codes are kept, and few rows are multiplied with them.
    try (CudaBackend backend = backend(7L * SIZE * SIZE);
        MemoryScope scope = backend.scope("test")) {
      BackendWeight prepared = backend.prepare(weight, precision, scope);
      for (int count : new int[] {1, 65}) {
        backend.linear(scope.tensor(count, SIZE), prepared, null, null, scope.tensor(count, SIZE));
        if (precision == Precision.BF16) {
          Tensor y = scope.rounded(count, SIZE);
          backend.linear(scope.rounded(count, SIZE), prepared, null, null, y);
        }
      }
    }
    try (CudaBackend backend = backend(1L << 30)) {
      backend.quantize(source, nested);
    }
  }

  private void gather(WeightForm form) {
    try (CudaBackend backend = backend(1L << 30);
        MemoryScope scope = backend.scope("test")) {
      BackendWeight table = backend.prepare(CudaGatherTest.table(form), Precision.F32, scope);
      backend.gather(table, new int[1], scope.tensor(1, table.weight().columns()));
    }
  }
}
