package io.github.lorascope.decoder;

import io.github.lorascope.backend.AttentionShape;
import io.github.lorascope.tensor.Tensor;

/**
 * Sees the states of a decoder as {@link Decoder#observe} computes them; the tensors are valid
 * during the call.
 */
public interface LayerListener {
  /**
   * Sees the residual stream of all tokens.
   *
   * @param layers how many layers it has passed: 0 is the embedding, N comes after layer N - 1,
   *     before the final norm
   * @param states the states [tokens, hidden]
   */
  default void residual(int layers, Tensor states) {}

  /**
   * Sees what a layer's attention is computed from, with {@link
   * io.github.lorascope.backend.Backend#attentionWeights}.
   *
   * @param layer the layer, from 0
   * @param q rotated queries [tokens, heads * headDim]
   * @param k rotated keys [tokens, keyValueHeads * headDim]
   * @param shape who attends to whom
   */
  default void attention(int layer, Tensor q, Tensor k, AttentionShape shape) {}

  /**
   * Sees the residual stream after the final norm.
   *
   * @param states the states [tokens, hidden]
   */
  default void normalized(Tensor states) {}
}
