package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.backend.RowWork;
import io.github.lorascope.checkpoint.RotaryEmbedding;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Cosines and sines of the rotary embedding for the positions of one pass. */
record RopeTable(Tensor cos, Tensor sin) {
  /**
   * Computes the table.
   *
   * @param positions how many positions, which is the length of the longest sequence
   */
  static RopeTable of(int positions, RotaryEmbedding rotary, MemoryScope memory) {
    List<Float> frequencies = rotary.frequencies(positions);
    int half = frequencies.size();
    float[] cos = new float[Math.multiplyExact(positions, half)];
    float[] sin = new float[cos.length];
    for (int i = 0; i < half; i++) {
      for (int p = 0; p < positions; p++) {
        float angle = p * frequencies.get(i);
        cos[p * half + i] = (float) Math.cos(angle) * rotary.magnitude();
        sin[p * half + i] = (float) Math.sin(angle) * rotary.magnitude();
      }
    }
    return new RopeTable(memory.tensor(positions, half, cos), memory.tensor(positions, half, sin));
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
