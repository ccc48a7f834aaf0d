package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** y = swish(g) u, with swish(g) = g s(g) and s the logistic function. */
final class SwiGlu {
  private SwiGlu() {}

  static void forward(Workers workers, Tensor gate, Tensor up, Tensor y) {
    DenseRows.each(
        workers,
        y.rows(),
        y.columns(),
        DenseRows.copies(gate, up, y),
        (slot, from, to) -> {
          Tensor result = y.rows(from, to);
          Tensor dense = DenseRows.like(slot, result);
          Elementwise.swish(slot, DenseRows.of(slot, gate.rows(from, to)), dense);
          Elementwise.multiply(slot, dense, DenseRows.of(slot, up.rows(from, to)), dense);
          DenseRows.end(slot, dense, result);
        });
  }

  /** dg = dy u swish'(g) and du = dy swish(g); dg may be g, and du may be u. */
  static void backward(
      Workers workers, Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    DenseRows.each(
        workers,
        dy.rows(),
        dy.columns(),
        2 + DenseRows.copies(dy, gate, up, dGate, dUp),
        (slot, from, to) -> {
          Tensor d = DenseRows.of(slot, dy.rows(from, to));
          Tensor g = DenseRows.of(slot, gate.rows(from, to));
          Tensor u = DenseRows.of(slot, up.rows(from, to));
          Tensor swish = slot.scratch(d.rows(), d.columns());
          Tensor dSwish = slot.scratch(d.rows(), d.columns());
          Elementwise.swish(slot, g, swish);
          Elementwise.multiply(slot, d, u, dSwish);

          Tensor upResult = dUp.rows(from, to);
          Tensor du = DenseRows.like(slot, upResult);
          Elementwise.multiply(slot, d, swish, du);
          DenseRows.end(slot, du, upResult);

          Tensor gateResult = dGate.rows(from, to);
          Tensor dg = DenseRows.like(slot, gateResult);
          Elementwise.swishBackward(slot, g, dSwish, dg);
          DenseRows.end(slot, dg, gateResult);
        });
  }
}
