package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * The norms of a layer's queries and keys, a head at a time, between projection and rotation.
 *
 * @param queries gain of queries [1, headDim]
 * @param keys gain of keys [1, headDim]
 */
record HeadNorms(Tensor queries, Tensor keys) {
  /**
   * What the norms read, and leave for their gradient.
   *
   * @param projected queries, keys and values as projected
   * @param inverseQ of queries [asking, heads]
   * @param inverseK of keys [tokens, keyValueHeads]
   */
  record Tape(AttentionTensors projected, Tensor inverseQ, Tensor inverseK) {
    static Tape of(AttentionTensors projected, PassContext pass, MemoryScope memory) {
      return new Tape(
          projected,
          memory.tensor(projected.q().rows(), pass.config().heads()),
          memory.tensor(projected.k().rows(), pass.config().keyValueHeads()));
    }
  }

  /** Normalizes what is projected; values pass as they are. */
  AttentionTensors forward(Backend backend, PassContext pass, Tape tape, MemoryScope memory) {
    AttentionTensors x = tape.projected;
    AttentionTensors y = AttentionTensors.of(x.q().rows(), x.k().rows(), pass, memory);
    double epsilon = pass.config().rmsNormEpsilon();
    backend.headNorm(x.q(), queries, epsilon, y.q(), tape.inverseQ);
    backend.headNorm(x.k(), keys, epsilon, y.k(), tape.inverseK);
    backend.copy(x.v(), y.v());
    return y;
  }

  /** Returns the gradients of what is projected. */
  AttentionTensors backward(
      Backend backend, PassContext pass, Tape tape, AttentionTensors d, MemoryScope scratch) {
    AttentionTensors x = tape.projected;
    AttentionTensors dx = AttentionTensors.of(x.q().rows(), x.k().rows(), pass, scratch);
    backend.headNormBackward(d.q(), x.q(), queries, tape.inverseQ, dx.q());
    backend.headNormBackward(d.k(), x.k(), keys, tape.inverseK, dx.k());
    backend.copy(d.v(), dx.v());
    return dx;
  }
}
