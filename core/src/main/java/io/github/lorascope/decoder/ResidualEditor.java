package io.github.lorascope.decoder;

import io.github.lorascope.tensor.Tensor;

/** Changes the residual stream of a scoring pass. Called on the thread that computes the pass. */
@FunctionalInterface
public interface ResidualEditor {
  /** Leaves every state as it is. */
  ResidualEditor NONE = (layers, states) -> {};

  /**
   * May overwrite states.
   *
   * @param layers how many layers they have passed: 0 is the embedding, N comes after layer N - 1,
   *     before the final norm
   * @param states the states of all tokens [tokens, hidden]; behind the last layer, those of the
   *     last token of each sequence alone [sequences, hidden]
   */
  void edit(int layers, Tensor states);
}
