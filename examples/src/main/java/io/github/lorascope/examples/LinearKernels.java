package io.github.lorascope.examples;

import static io.github.lorascope.examples.KernelBench.bytes;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.backend.Dropout;
import io.github.lorascope.backend.LowRank;
import io.github.lorascope.backend.LowRankGradient;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Nf4Weight;
import io.github.lorascope.weights.Weight;
import java.util.List;
import java.util.TreeSet;

/** Linear layers of a decoder layer with dense and with 4-bit weights, and a LoRA path. */
record LinearKernels(KernelBench bench, int tokens, int rank) {
  private static final int[] ROWS = {1, 16, 64, 400};

  /** More copies than these would not be asked for on a real device. */
  private static final long MOST_COPIES = 1 << 14;

  void run() {
    for (LinearModule module : LinearModule.of(bench.config())) {
      Weight weight = new NoiseWeight(module.outputs(), module.inputs());
      dense(module, weight);
      fourBit(module, weight);
    }
  }

  private static String name(LinearModule module, String form) {
    return "linear " + module.name() + " " + form;
  }

  private TreeSet<Integer> rows() {
    TreeSet<Integer> rows = new TreeSet<>();
    for (int some : ROWS) {
      rows.add(Math.min(some, tokens));
    }
    rows.add(tokens);
    return rows;
  }

  private void dense(LinearModule module, Weight weight) {
    String name = name(module, "dense");
    if (!bench.wants(name)) {
      return;
    }
    try (MemoryScope scope = bench.backend().scope(name)) {
      BackendWeight prepared = bench.backend().prepare(weight, bench.precision(), scope);
      double read = weightBytes() * weight.rows() * weight.columns();
      for (int rows : rows()) {
        products(name, module, prepared, read, rows);
      }
      if (module.name().matches("(qkv|q)_proj")) {
        path(name + " with LoRA", module, prepared, read);
      }
    }
  }

  private double weightBytes() {
    return switch (bench.precision()) {
      case BF16 -> 2;
      case F32 -> 4;
    };
  }

  private void fourBit(LinearModule module, Weight weight) {
    String name = name(module, "nf4");
    if (!bench.wants(name) && !bench.wants("quantize")) {
      return;
    }
    Backend backend = bench.backend();
    Nf4Weight quantized = backend.quantize(weight, true);
    String size = weight.rows() + " x " + weight.columns();
    double elements = (double) weight.rows() * weight.columns();
    try (MemoryScope scope = backend.scope(name)) {
      Tensor one = scope.zeros(1, 1);
      bench.time(
          "quantize " + module.name(),
          size,
          4 * elements + quantized.bytes(),
          0,
          one,
          () -> backend.quantize(weight, true));
      if (bench.wants(name)) {
        useUpWhatIsGranted(quantized, scope);
        BackendWeight prepared = backend.prepare(quantized, bench.precision(), scope);
        for (int rows : rows()) {
          products(name, module, prepared, (double) quantized.bytes(), rows);
        }
      }
    }
  }

  /**
   * A backend may grant memory for dequantized weights when they are made ready, and take it when
   * they are first used: so copies that are never used leave none to the one that is timed.
   */
  private void useUpWhatIsGranted(Nf4Weight quantized, MemoryScope scope) {
    long dense = 2L * quantized.rows() * quantized.columns();
    long copies = bench.backend().memory().cap() / dense + 1;
    for (long i = 0; i < copies && copies <= MOST_COPIES; i++) {
      bench.backend().prepare(quantized, bench.precision(), scope);
    }
  }

  /**
   * What a layer's own gradient comes in: that of the residual stream is not rounded, nor is the
   * one that a norm's inputs receive.
   */
  private Tensor gradient(boolean ofResidual, MemoryScope scope, int rows, int columns) {
    return ofResidual
        ? bench.floats(scope, rows, columns)
        : bench.activations(scope, rows, columns);
  }

  private static boolean endsBlock(LinearModule module) {
    return module.name().matches("(o|down)_proj");
  }

  private void products(
      String name, LinearModule module, BackendWeight weight, double read, int rows) {
    Backend backend = bench.backend();
    double flops = 2.0 * rows * module.inputs() * module.outputs();
    String size = rows + " x " + module.inputs() + " x " + module.outputs();
    try (MemoryScope scope = backend.scope(name)) {
      Tensor x = bench.activations(scope, rows, module.inputs());
      Tensor y = bench.activations(scope, rows, module.outputs());
      bench.time(
          name, size, read + bytes(x, y), flops, y, () -> backend.linear(x, weight, null, null, y));
      Tensor dy = gradient(endsBlock(module), scope, rows, module.outputs());
      Tensor dx = gradient(!endsBlock(module), scope, rows, module.inputs());
      bench.time(
          name + " backward",
          size,
          read + bytes(dy, dx),
          flops,
          dx,
          () -> backend.linearBackward(dy, weight, null, null, dx, false));
    }
  }

  private void path(String name, LinearModule module, BackendWeight weight, double read) {
    Backend backend = bench.backend();
    double elements = (double) rank * (module.inputs() + module.outputs());
    double flops = 2.0 * tokens * ((double) module.inputs() * module.outputs() + elements);
    String size = tokens + " x " + module.inputs() + " x " + module.outputs() + ", r " + rank;
    try (MemoryScope scope = backend.scope(name)) {
      Tensor x = bench.activations(scope, tokens, module.inputs());
      Tensor y = bench.activations(scope, tokens, module.outputs());
      Tensor a = bench.floats(scope, rank, module.inputs());
      Tensor b = bench.floats(scope, module.outputs(), rank);
      Tensor xa = bench.activations(scope, tokens, rank);
      LowRank path = new LowRank(a, b, 2, Dropout.NONE, xa);
      double bytes = read + bytes(x, y, a, b, xa);
      bench.time(name, size, bytes, flops, y, () -> backend.linear(x, weight, null, path, y));
      backend.linear(x, weight, null, path, y);
      Tensor dx = gradient(true, scope, tokens, module.inputs());
      Tensor da = bench.floats(scope, rank, module.inputs());
      Tensor db = bench.floats(scope, module.outputs(), rank);
      Tensor dxa = bench.activations(scope, tokens, rank);
      LowRankGradient gradient = new LowRankGradient(y, path, dxa, x, da, db);
      bench.time(
          name + " backward",
          size,
          bytes + bytes(dx, da, db, dxa),
          flops + 2.0 * tokens * elements,
          dx,
          () -> {
            backend.linearBackward(y, weight, path, dxa, dx, false);
            backend.lowRankBackward(List.of(gradient));
          });
    }
  }
}
