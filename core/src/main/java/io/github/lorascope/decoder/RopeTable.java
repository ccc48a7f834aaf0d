package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/** Cosines and sines of the rotary embedding for the positions of one pass. */
record RopeTable(Tensor cos, Tensor sin) {
  /**
   * Angles are rounded to float32 at each step, as transformers computes them: far along, that is
   * larger than the tolerance that its values are reproduced with.
   */
  static RopeTable of(int positions, int headDim, double theta, MemoryScope memory) {
    int half = headDim / 2;
    float[] cos = new float[Math.multiplyExact(positions, half)];
    float[] sin = new float[cos.length];
    for (int i = 0; i < half; i++) {
      float frequency = 1.0f / (float) Math.pow(theta, (float) (2 * i) / headDim);
      for (int p = 0; p < positions; p++) {
        float angle = p * frequency;
        cos[p * half + i] = (float) Math.cos(angle);
        sin[p * half + i] = (float) Math.sin(angle);
      }
    }
    return new RopeTable(memory.tensor(positions, half, cos), memory.tensor(positions, half, sin));
  }

  void rotate(Backend backend, Tensor x, int headDim, int[] positions) {
    backend.rope(x, headDim, cos, sin, positions, false);
  }

  void rotateBack(Backend backend, Tensor x, int headDim, int[] positions) {
    backend.rope(x, headDim, cos, sin, positions, true);
  }
}
