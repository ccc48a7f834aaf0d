package io.github.lorascope.examples;

import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Precision;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * What a device can do, as its own backend shows it: the floors that other operations are held
 * against.
 *
 * @param bytesPerSecond read and written by copying a large matrix
 * @param bf16FlopsPerSecond of a large product in bfloat16
 * @param f32FlopsPerSecond of one in float32
 * @param launchSeconds of the smallest copy: what any operation takes
 */
record DeviceRates(
    double bytesPerSecond,
    double bf16FlopsPerSecond,
    double f32FlopsPerSecond,
    double launchSeconds) {

  /** Measures, with matrices as large as the widest of a step with so many tokens. */
  static DeviceRates of(KernelBench bench, int tokens) {
    int wide = 2 * bench.config().intermediateSize();
    try (MemoryScope scope = bench.backend().scope("rates")) {
      Tensor x = bench.floats(scope, tokens, wide);
      Tensor y = scope.tensor(tokens, wide);
      Tensor one = bench.floats(scope, 1, 1);
      Tensor other = scope.tensor(1, 1);
      double copy = bench.seconds(y, () -> bench.backend().copy(x, y));
      double launch = bench.seconds(other, () -> bench.backend().copy(one, other));
      return new DeviceRates(
          KernelBench.bytes(x, y) / copy,
          product(bench, tokens, Precision.BF16),
          product(bench, tokens, Precision.F32),
          launch);
    }
  }

  double flopsPerSecond(Precision precision) {
    return switch (precision) {
      case BF16 -> bf16FlopsPerSecond;
      case F32 -> f32FlopsPerSecond;
    };
  }

  private static double product(KernelBench bench, int tokens, Precision precision) {
    int outputs = 2 * bench.config().intermediateSize();
    int inputs = bench.config().hiddenSize();
    try (MemoryScope scope = bench.backend().scope("rates")) {
      BackendWeight weight =
          bench.backend().prepare(new NoiseWeight(outputs, inputs), precision, scope);
      Tensor x = KernelBench.activations(scope, tokens, inputs, precision);
      Tensor y = KernelBench.activations(scope, tokens, outputs, precision);
      double seconds = bench.seconds(y, () -> bench.backend().linear(x, weight, null, null, y));
      return 2.0 * tokens * inputs * outputs / seconds;
    }
  }
}
