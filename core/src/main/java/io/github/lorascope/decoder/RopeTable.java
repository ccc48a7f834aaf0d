package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;

/** Cosines and sines of the rotary embedding for the positions of one pass. */
record RopeTable(Tensor cos, Tensor sin) {
  /**
   * Makes the table.
   *
   * @param positions how many positions, which is the length of the longest sequence
   * @param angles those of as many positions or more
   */
  static RopeTable of(int positions, RopeAngles angles, MemoryScope memory) {
    int half = angles.frequencies().size();
    int size = Math.multiplyExact(positions, half);
    return new RopeTable(
        memory.tensor(positions, half, Arrays.copyOf(angles.cos(), size)),
        memory.tensor(positions, half, Arrays.copyOf(angles.sin(), size)));
  }

  /**
   * Turns heads of queries or keys, the rows that it is asked for.
   *
   * @param x the heads [tokens, heads * headDim]
   * @param positions of all rows of x
   * @param back whether to turn back, as gradients are
   */
  RowWork rotation(Backend backend, Tensor x, int headDim, int[] positions, boolean back) {
    return (from, to) ->
        backend.rope(
            x.rows(from, to), headDim, cos, sin, Arrays.copyOfRange(positions, from, to), back);
  }
}
