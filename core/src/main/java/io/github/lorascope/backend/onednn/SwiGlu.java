package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Tensor;

/** y = swish(g) u, with swish(g) = g s(g) and s the logistic function. */
final class SwiGlu {
  private SwiGlu() {}

  static void forward(Workers workers, Tensor gate, Tensor up, Tensor y) {
    boolean narrow = DenseRows.narrow(gate, up, y);
    DenseRows.each(
        workers,
        y.rows(),
        y.columns(),
        DenseRows.copies(narrow, gate, up, y),
        (slot, from, to) -> {
          Tensor result = y.rows(from, to);
          Tensor dense = DenseRows.like(slot, result, narrow);
          Elementwise.swishTimes(
              slot,
              DenseRows.of(slot, gate.rows(from, to), narrow),
              DenseRows.of(slot, up.rows(from, to), narrow),
              dense);
          DenseRows.end(slot, dense, result);
        });
  }

  /** dg = dy u swish'(g) and du = dy swish(g); dg may be g, and du may be u. */
  static void backward(
      Workers workers, Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    boolean narrow = DenseRows.narrow(dy, gate, up, dGate, dUp);
    DenseRows.each(
        workers,
        dy.rows(),
        dy.columns(),
        1 + DenseRows.copies(narrow, dy, gate, up, dGate, dUp),
        (slot, from, to) -> {
          Tensor d = DenseRows.of(slot, dy.rows(from, to), narrow);
          Tensor g = DenseRows.of(slot, gate.rows(from, to), narrow);
          Tensor u = DenseRows.of(slot, up.rows(from, to), narrow);
          Tensor dSwish =
              narrow ? slot.halves(d.rows(), d.columns()) : slot.scratch(d.rows(), d.columns());
          Elementwise.multiply(slot, d, u, dSwish);

          Tensor upResult = dUp.rows(from, to);
          Tensor du = DenseRows.like(slot, upResult, narrow);
          Elementwise.swishTimes(slot, g, d, du);
          DenseRows.end(slot, du, upResult);

          Tensor gateResult = dGate.rows(from, to);
          Tensor dg = DenseRows.like(slot, gateResult, narrow);
          Elementwise.swishBackward(slot, g, dSwish, dg);
          DenseRows.end(slot, dg, gateResult);
        });
  }
}
