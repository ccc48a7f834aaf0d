package io.github.lorascope.decoder;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * Gate and up of an MLP: each without gaps where a part of its own makes it, which elementwise
 * operations like, and side by side where one part makes both.
 *
 * @param gate the gate [rows, inner]
 * @param up what it is multiplied with [rows, inner]
 * @param both the two side by side [rows, 2 * inner]; null where they are apart
 */
record GateUp(Tensor gate, Tensor up, Tensor both) {
  static GateUp of(DecoderLayer layer, int rows, PassContext pass, MemoryScope memory) {
    int width = pass.config().intermediateSize();
    if (layer.gateUp().size() == 1) {
      Tensor both = pass.activations(rows, 2 * width, memory);
      return new GateUp(both.columns(0, width), both.columns(width, 2 * width), both);
    }
    Tensor apart = pass.activations(2 * rows, width, memory);
    return new GateUp(apart.rows(0, rows), apart.rows(rows, 2 * rows), null);
  }

  GateUp rows(int from, int to) {
    return new GateUp(
        gate.rows(from, to), up.rows(from, to), both == null ? null : both.rows(from, to));
  }

  /** Where a part leaves its output, or the gradient of it. */
  Tensor of(LayerPart part) {
    if (both != null) {
      return both;
    }
    return part.column() == 0 ? gate : up;
  }
}
