package io.github.lorascope.decoder;

import io.github.lorascope.tensor.Tensor;

/** Sees the gradient of the residual stream in a backward pass; it must not change it. */
@FunctionalInterface
public interface GradientListener {
  /**
   * Sees a gradient, valid during the call.
   *
   * @param layers how many layers the states have passed: N is behind layer N - 1, before the final
   *     norm
   * @param gradient the gradient of the loss with respect to the states of all tokens [tokens,
   *     hidden]; behind the last layer, of the last token of each sequence alone [sequences,
   *     hidden]
   */
  void residual(int layers, Tensor gradient);
}
