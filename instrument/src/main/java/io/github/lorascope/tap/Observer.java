package io.github.lorascope.tap;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;

/** Takes what it wants from the passes of a {@link Sweep}; the tensors are valid in the call. */
interface Observer {
  /** Sees the residual stream behind a number of layers [tokens, hidden]. */
  default void residual(PromptBatch batch, int layers, Tensor states) {}

  /** Sees a layer's rotated queries and keys, a row a token. */
  default void attention(PromptBatch batch, int layer, Tensor q, Tensor k, AttentionShape shape) {}
}
