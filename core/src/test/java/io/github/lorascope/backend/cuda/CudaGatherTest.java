package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.WeightForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Rows of a stored table come out as the host reads them, whatever form they are stored in. */
@RequiresShim
class CudaGatherTest {
  static final List<WeightForm> FORMS = List.of(WeightForm.F32, WeightForm.BF16, WeightForm.F16);

  private static final int ROWS = 272;
  private static final int COLUMNS = 241; // 272 * 241 > 2^16

  /** Holds all numbers of 16 bits that there are; of 32 bits, those that begin so. */
  static DenseWeight table(WeightForm form) {
    int size = form == WeightForm.F32 ? Float.BYTES : Short.BYTES;
    ByteBuffer data = ByteBuffer.allocate(ROWS * COLUMNS * size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      if (form == WeightForm.F32) {
        data.putInt((i << 16) | (i & 0xffff));
      } else {
        data.putShort((short) i);
      }
    }
    return DenseWeight.of("table", ROWS, COLUMNS, form, data.flip());
  }

  @ParameterizedTest
  @FieldSource("FORMS")
  void readsWhatIsStored(WeightForm form) {
    DenseWeight table = table(form);
    int[] ids = new Random(1).ints(2 * ROWS, 0, ROWS).toArray();
    for (int row = 0; row < ROWS; row++) {
      ids[row] = ROWS - 1 - row; // each once, and some again
    }
    float[] expected = new float[ids.length * COLUMNS];
    for (int i = 0; i < ids.length; i++) {
      table.read(ids[i], ids[i] + 1, expected, i * COLUMNS);
    }
    LaunchLog log = new LaunchLog();
    BackendOptions options = BackendOptions.defaults();
    try (CudaBackend backend = new CudaBackend("cuda", log.watch(new ShimDevice(true)), options);
        MemoryScope scope = backend.scope("test")) {
      BackendWeight prepared = backend.prepare(table, Precision.BF16, scope);
      Tensor y = scope.tensor(ids.length, COLUMNS + 2).columns(1, COLUMNS + 1);
      backend.gather(prepared, ids, y);
      assertArrayEquals(expected, y.toArray());
    }
    String kernel = "gather_" + form.name().toLowerCase(Locale.ROOT);
    assertEquals(Set.of(kernel), log.kernels());
  }
}
