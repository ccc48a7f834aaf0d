package io.github.lorascope.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.backend.reference.ReferenceBackend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.WeightException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 4-bit weights on the device have the bits that they have on the host. */
@RequiresDevice
class CudaNf4Test {
  private static final BackendOptions OPTIONS = BackendOptions.defaults();

  /** Of the largest number: float32 sums in another order. */
  private static final double TOLERANCE = 2e-6;

  /** The same of a result in bfloat16. */
  private static final double ROUNDED = 8e-3;

  private final CudaBackend backend = new CudaBackend("cuda", TestDevice.open(true), OPTIONS);

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, backend.memory().used());
    assertEquals(0, backend.memory().openScopes());
    backend.close();
  }

  /** Numbers of all magnitudes, with a block of zeros and one of the smallest that there are. */
  private static DenseWeight weight(int rows, int columns) {
    Random random = new Random(rows);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      double magnitude = Math.pow(10, 3 * Math.sin(i / 6400.0));
      values[i] = i % 17 == 0 ? 0 : (float) (magnitude * random.nextGaussian());
      if (i / 64 == 2) {
        values[i] = 0;
      } else if (i / 64 == 3) {
        values[i] = (i % 5 - 2) * Float.MIN_VALUE;
      }
    }
    return DenseWeight.of("w", rows, columns, values);
  }

  private static byte[] bytes(Nf4Weight weight) {
    byte[] bytes = new byte[weight.packed().remaining()];
    weight.packed().get(bytes);
    return bytes;
  }

  private static float[] scales(Nf4Weight weight) {
    float[] scales = new float[weight.scales().blocks()];
    weight.scales().read(0, scales.length, scales, 0);
    return scales;
  }

  @ParameterizedTest
  @CsvSource({"96,128,false", "96,128,true", "301,63,true", "5,7,true", "1,65,false", "1,1,true"})
  void quantizes(int rows, int columns, boolean nested) {
    DenseWeight source = weight(rows, columns);
    Nf4Weight expected = Nf4.quantize(source, nested);
    Nf4Weight actual = backend.quantize(source, nested);
    assertArrayEquals(bytes(expected), bytes(actual));
    assertTrue(actual.packed().isDirect(), "the codes of a large model would fill the heap");
    assertArrayEquals(scales(expected), scales(actual), 0);
    if (nested) {
      assertArrayEquals(expected.scales().nested().codes(), actual.scales().nested().codes());
    }
  }

  @Test
  void refusesWhatIsNotFinite() {
    float[] values = new float[300];
    values[131] = Float.NaN;
    DenseWeight source = DenseWeight.of("w", 3, 100, values);
    String expected =
        assertThrows(WeightException.class, () -> Nf4.quantize(source, false)).getMessage();
    assertTrue(expected.contains("row 1, column 31"), expected);
    assertEquals(
        expected,
        assertThrows(WeightException.class, () -> backend.quantize(source, false)).getMessage());
  }

  /** Multiplied with rows of a unit matrix, its numbers come out one by one. */
  @ParameterizedTest
  @CsvSource({
    "F32,false,false",
    "F32,true,false",
    "BF16,false,false",
    "BF16,true,false",
    "F32,true,true",
    "BF16,true,true",
    "BF16,false,true"
  })
  void dequantizes(Precision precision, boolean nested, boolean eachUse) {
    int rows = 200;
    int columns = 65;
    Nf4Weight weight = Nf4.quantize(weight(rows, columns), nested);
    float[] expected = new float[rows * columns];
    weight.read(0, rows, expected, 0);
    long dense = (precision == Precision.F32 ? 4L : 2L) * rows * columns;
    // Where there is little, the dequantized numbers are not kept.
    BackendOptions options = eachUse ? OPTIONS.withMemoryCap(2 * dense) : OPTIONS;
    try (CudaBackend computing = new CudaBackend("cuda", TestDevice.open(false), options)) {
      try (MemoryScope scope = computing.scope("test")) {
        CudaWeight prepared = (CudaWeight) computing.prepare(weight, precision, scope);
        Tensor unit = scope.zeros(1, columns);
        Tensor y = scope.tensor(1, rows);
        long before = 0;
        for (int column = 0; column < columns; column++) {
          unit.set(0, Math.max(0, column - 1), 0);
          unit.set(0, column, 1);
          computing.linear(unit, prepared, null, null, y);
          before = column == 0 ? computing.memory().used() : before;
          for (int row = 0; row < rows; row++) {
            float value = expected[row * columns + column];
            float rounded = precision == Precision.F32 ? value : Bfloat16.round(value);
            assertEquals(rounded, y.get(0, row), 0);
          }
        }
        assertEquals(before, computing.memory().used());
        assertEquals(eachUse, before < dense, before + " bytes are held");
      }
      assertEquals(0, computing.memory().used());
    }
  }

  /** Few rows are multiplied with the codes themselves, more with dequantized numbers. */
  @ParameterizedTest
  @CsvSource({
    "1,true,false",
    "16,false,false",
    "17,true,false",
    "64,true,false",
    "65,true,false",
    "1,false,true",
    "33,true,true"
  })
  void multipliesFewRows(int count, boolean nested, boolean rounded) {
    int rows = 203;
    int columns = 192;
    Nf4Weight weight = Nf4.quantize(weight(rows, columns), nested);
    BackendOptions options = OPTIONS.withMemoryCap(4L * rows * columns + 1600L * count);
    LaunchLog log = new LaunchLog();
    try (CudaBackend computing =
            new CudaBackend("cuda", log.watch(TestDevice.open(true)), options);
        ReferenceBackend reference = new ReferenceBackend(OPTIONS)) {
      float[] expected = linear(reference, weight, count, rounded);
      float[] actual = linear(computing, weight, count, rounded);
      float largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      double tolerance = rounded ? ROUNDED : TestDevice.tolerance(TOLERANCE);
      assertArrayEquals(expected, actual, (float) (tolerance * largest));
      String kernel =
          (nested ? "nf4_nested_multiply" : "nf4_multiply") + (rounded ? "_bf16" : "_f32");
      assertEquals(count <= 64, log.kernels().contains(kernel), log.kernels().toString());
    }
  }

  private static float[] linear(Backend backend, Nf4Weight weight, int count, boolean rounded) {
    Random random = new Random(3);
    try (MemoryScope scope = backend.scope("test")) {
      // Held before the weight, so that there is too little to keep its dequantized form.
      Tensor wide = room(scope, rounded, count, weight.columns() + 1);
      Tensor x = wide.columns(1, weight.columns() + 1);
      Tensor bias = scope.tensor(1, weight.rows());
      for (Tensor tensor : new Tensor[] {x, bias}) {
        for (int i = 0; i < tensor.rows() * tensor.columns(); i++) {
          float value = Bfloat16.round((float) random.nextGaussian());
          tensor.set(i / tensor.columns(), i % tensor.columns(), value);
        }
      }
      Tensor y = room(scope, rounded, count, weight.rows() + 2).columns(2, weight.rows() + 2);
      BackendWeight prepared = backend.prepare(weight, Precision.BF16, scope);
      backend.linear(x, prepared, null, null, y);
      float[] plain = y.toArray();
      backend.linear(x, prepared, bias, null, y);
      float[] biased = y.toArray();
      float[] both = Arrays.copyOf(plain, plain.length + biased.length);
      System.arraycopy(biased, 0, both, plain.length, biased.length);
      return both;
    }
  }

  private static Tensor room(MemoryScope scope, boolean rounded, int rows, int columns) {
    return rounded ? scope.rounded(rows, columns) : scope.tensor(rows, columns);
  }
}
