package io.github.lorascope.examples;

import static io.github.lorascope.examples.KernelBench.bytes;

import io.github.lorascope.backend.AdamW;
import io.github.lorascope.backend.Backend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.List;

/** The head with its loss, and what is done to the adapter's parameters at the end of a step. */
record UpdateKernels(KernelBench bench, int pairs, int parameters) {
  private static final int LABELS = 2;
  private static final AdamW UPDATE = new AdamW(1e-4, 0.9, 0.999, 1e-8, 0, 1);

  void run() {
    head();
    update();
  }

  private void head() {
    Backend backend = bench.backend();
    int hidden = bench.config().hiddenSize();
    String size = pairs + " x " + hidden;
    try (MemoryScope scope = backend.scope("head")) {
      Tensor h = bench.floats(scope, pairs, hidden);
      Tensor w = bench.floats(scope, LABELS, hidden);
      Tensor logits = bench.floats(scope, pairs, LABELS);
      double flops = 2.0 * pairs * hidden * LABELS;
      bench.time("head", size, bytes(h, w), flops, logits, () -> backend.head(h, w, logits));
      Tensor dLogits = bench.floats(scope, pairs, LABELS);
      int[] labels = new int[pairs];
      bench.time(
          "crossEntropy",
          size(logits),
          bytes(logits, dLogits),
          0,
          dLogits,
          () -> backend.crossEntropy(logits, labels, 1.0 / pairs, dLogits));
      Tensor dw = bench.floats(scope, LABELS, hidden);
      Tensor dh = bench.floats(scope, pairs, hidden);
      bench.time(
          "head backward",
          size,
          bytes(h, w, dw, dw, dh),
          2 * flops,
          dh,
          () -> backend.headBackward(dLogits, h, w, dw, dh));
    }
  }

  private static String size(Tensor tensor) {
    return tensor.rows() + " x " + tensor.columns();
  }

  private void update() {
    Backend backend = bench.backend();
    try (MemoryScope scope = backend.scope("update")) {
      Tensor values = bench.floats(scope, 1, parameters);
      Tensor gradients = bench.floats(scope, 1, parameters);
      Tensor moment1 = scope.zeros(1, parameters);
      Tensor moment2 = scope.zeros(1, parameters);
      String size = Integer.toString(parameters);
      double one = bytes(values);
      bench.time(
          "adamW",
          size,
          7 * one,
          0,
          values,
          () -> backend.adamW(values, gradients, moment1, moment2, UPDATE));
      bench.time("scale", size, 2 * one, 0, gradients, () -> backend.scale(gradients, 1));
      bench.time(
          "squaredNorms", size, one, 0, gradients, () -> backend.squaredNorms(List.of(gradients)));
    }
  }
}
