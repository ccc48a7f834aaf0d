package io.github.lorascope.examples;

import static io.github.lorascope.examples.KernelBench.bytes;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.BackendWeight;
import io.github.lorascope.checkpoint.ModelConfig;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/** Operations that go over rows once, which memory alone bounds. */
record RowKernels(KernelBench bench, int pairs, int length) {
  void run() {
    gather();
    norm();
    rotation();
    gatedUnit();
    residual();
  }

  private int tokens() {
    return pairs * length;
  }

  private String size(int columns) {
    return tokens() + " x " + columns;
  }

  private void gather() {
    if (!bench.wants("gather")) {
      return;
    }
    ModelConfig config = bench.config();
    Backend backend = bench.backend();
    int hidden = config.hiddenSize();
    try (MemoryScope scope = backend.scope("gather")) {
      BackendWeight table =
          backend.prepare(
              new NoiseWeight(config.vocabularySize(), hidden).stored(), bench.precision(), scope);
      int[] ids = new int[tokens()];
      Arrays.setAll(ids, i -> (int) (i * 7919L % config.vocabularySize()));
      Tensor y = scope.tensor(tokens(), hidden);
      double read = 2.0 * tokens() * hidden;
      bench.time(
          "gather", size(hidden), read + bytes(y), 0, y, () -> backend.gather(table, ids, y));
    }
  }

  private void norm() {
    Backend backend = bench.backend();
    int hidden = bench.config().hiddenSize();
    try (MemoryScope scope = backend.scope("norm")) {
      Tensor x = bench.floats(scope, tokens(), hidden);
      Tensor y = bench.activations(scope, tokens(), hidden);
      Tensor gain = bench.floats(scope, 1, hidden);
      Tensor inverse = scope.tensor(tokens(), 1);
      bench.time(
          "rmsNorm",
          size(hidden),
          bytes(x, y),
          0,
          y,
          () -> backend.rmsNorm(x, gain, 1e-5, y, inverse));
      backend.rmsNorm(x, gain, 1e-5, y, inverse);
      Tensor branch = bench.activations(scope, tokens(), hidden);
      Tensor sum = bench.floats(scope, tokens(), hidden);
      bench.time(
          "addRmsNorm",
          size(hidden),
          bytes(branch, x, sum, y),
          0,
          y,
          () -> backend.addRmsNorm(branch, x, gain, 1e-5, sum, y, inverse));
      Tensor dy = bench.floats(scope, tokens(), hidden);
      Tensor dx = bench.floats(scope, tokens(), hidden);
      bench.time(
          "rmsNorm backward",
          size(hidden),
          bytes(x, dy, dx, dx),
          0,
          dx,
          () -> backend.rmsNormBackward(dy, x, gain, inverse, dx));
    }
  }

  private void rotation() {
    Backend backend = bench.backend();
    ModelConfig config = bench.config();
    int width = config.headDimension();
    int columns = config.queryWidth() + 2 * config.keyValueWidth();
    try (MemoryScope scope = backend.scope("rotation")) {
      Tensor q = bench.activations(scope, tokens(), columns).columns(0, config.queryWidth());
      Tensor cos = bench.floats(scope, length, width / 2);
      Tensor sin = bench.floats(scope, length, width / 2);
      int[] positions = new int[tokens()];
      Arrays.setAll(positions, i -> i % length);
      for (boolean inverse : new boolean[] {false, true}) {
        bench.time(
            inverse ? "rope backward" : "rope",
            size(q.columns()),
            bytes(q, q),
            0,
            q,
            () -> backend.rope(q, width, cos, sin, positions, inverse));
      }
    }
  }

  private void gatedUnit() {
    Backend backend = bench.backend();
    int inner = bench.config().intermediateSize();
    try (MemoryScope scope = backend.scope("gated unit")) {
      Tensor both = bench.activations(scope, tokens(), 2 * inner);
      Tensor gate = both.columns(0, inner);
      Tensor up = both.columns(inner, 2 * inner);
      Tensor y = bench.activations(scope, tokens(), inner);
      bench.time("swiGlu", size(inner), bytes(both, y), 0, y, () -> backend.swiGlu(gate, up, y));
      Tensor gradient = bench.activations(scope, tokens(), 2 * inner);
      bench.time(
          "swiGlu backward",
          size(inner),
          bytes(y, both, gradient),
          0,
          gradient,
          () ->
              backend.swiGluBackward(
                  y, gate, up, gradient.columns(0, inner), gradient.columns(inner, 2 * inner)));
    }
  }

  private void residual() {
    Backend backend = bench.backend();
    int hidden = bench.config().hiddenSize();
    try (MemoryScope scope = backend.scope("residual")) {
      Tensor x = bench.floats(scope, tokens(), hidden);
      Tensor y = bench.floats(scope, tokens(), hidden);
      Tensor branch = bench.activations(scope, tokens(), hidden);
      bench.time("add", size(hidden), bytes(branch, x, y), 0, y, () -> backend.add(branch, x, y));
      bench.time("copy", size(hidden), bytes(x, y), 0, y, () -> backend.copy(x, y));
      int[] last = new int[pairs];
      Arrays.setAll(last, i -> (i + 1) * length - 1);
      Tensor few = scope.tensor(pairs, hidden);
      String size = pairs + " of " + size(hidden);
      bench.time(
          "selectRows", size, 2 * bytes(few), 0, few, () -> backend.selectRows(x, last, few));
      bench.time("addToRows", size, 3 * bytes(few), 0, y, () -> backend.addToRows(few, last, y));
    }
  }
}
