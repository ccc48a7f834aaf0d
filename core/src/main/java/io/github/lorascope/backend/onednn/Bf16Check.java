package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.BackendException;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.DenseWeight;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Multiplies small whole numbers, which bfloat16 and float32 hold exactly, in either, before a
 * processor's bfloat16 instructions are trusted with a training: oneDNN has other kernels for every
 * kind of processor.
 */
final class Bf16Check {
  private static final Logger log = LoggerFactory.getLogger(Bf16Check.class);
  private static final int ROWS = 37;
  private static final int INPUTS = 96;
  private static final int OUTPUTS = 80;

  private Bf16Check() {}

  /** Made once, apart from any backend's memory: a cap must not decide how it computes. */
  private static final class Verdict {
    static final boolean HOLDS = OneDnnLibrary.get().nativeBf16() && check();

    private static boolean check() {
      try (OneDnnBackend backend =
          new OneDnnBackend(BackendOptions.defaults(), WeightLayout.PACKED_BF16)) {
        return passes(backend, WeightLayout.PACKED_BF16);
      }
    }
  }

  /** Tells whether this processor has packed bfloat16 products, and they are right. */
  static boolean holds() {
    return Verdict.HOLDS;
  }

  /** Tells whether packed bfloat16 products are right, forward and backward. */
  static boolean passes(OneDnnBackend backend, WeightLayout layout) {
    float[] w = numbers(OUTPUTS * INPUTS, 11);
    try (MemoryScope memory = backend.scope("a check of bfloat16 products")) {
      OneDnnWeight weight =
          backend.prepare(
              DenseWeight.of("check", OUTPUTS, INPUTS, w), Precision.BF16, layout, memory);
      boolean right =
          passes(backend, weight, w, memory::tensor) && passes(backend, weight, w, memory::rounded);
      if (!right) {
        log.warn("oneDNN multiplies bfloat16 wrongly on this processor: float32 is used instead");
      }
      return right;
    } catch (BackendException e) {
      log.warn(
          "oneDNN does not multiply bfloat16 on this processor ({}): float32 is used instead",
          e.getMessage());
      return false;
    }
  }

  private static boolean passes(
      OneDnnBackend backend,
      OneDnnWeight weight,
      float[] w,
      BiFunction<Integer, Integer, Tensor> operands) {
    try (MemoryScope memory = backend.scope("a check of bfloat16 products")) {
      float[] x = numbers(ROWS * INPUTS, 13);
      Tensor y = memory.tensor(ROWS, OUTPUTS);
      backend.linear(filled(operands.apply(ROWS, INPUTS), x), weight, null, null, y);
      float[] dy = numbers(ROWS * OUTPUTS, 7);
      Tensor dx = memory.tensor(ROWS, INPUTS);
      backend.linearBackward(
          filled(operands.apply(ROWS, OUTPUTS), dy), weight, null, null, dx, false);
      return Arrays.equals(y.toArray(), product(x, INPUTS, w, OUTPUTS, INPUTS, 1))
          && Arrays.equals(dx.toArray(), product(dy, OUTPUTS, w, INPUTS, 1, INPUTS));
    }
  }

  private static Tensor filled(Tensor tensor, float[] values) {
    tensor.set(values);
    return tensor;
  }

  /** Whole numbers around zero, none of them above 6. */
  private static float[] numbers(int count, int period) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (i * 5) % period - period / 2;
    }
    return numbers;
  }

  private static float[] product(
      float[] x, int inner, float[] w, int outputs, int outputStep, int innerStep) {
    float[] y = new float[ROWS * outputs];
    for (int row = 0; row < ROWS; row++) {
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inner; i++) {
          y[row * outputs + o] += x[row * inner + i] * w[o * outputStep + i * innerStep];
        }
      }
    }
    return y;
  }
}
