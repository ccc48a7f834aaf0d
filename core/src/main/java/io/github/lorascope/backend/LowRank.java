package io.github.lorascope.backend;

import io.github.lorascope.tensor.Tensor;

/**
 * A LoRA path beside a linear layer: {@code y += scale * dropout(x) A^T B^T} (Hu et al., LoRA,
 * 2021).
 *
 * @param a the down-projection A [rank, inputs]
 * @param b the up-projection B [outputs, rank]
 * @param scale alpha / rank, or alpha / sqrt(rank) for rsLoRA
 * @param dropout what is dropped of x
 * @param xa dropout(x) A^T [tokens, rank]: written by the forward pass, read by the backward pass
 */
public record LowRank(Tensor a, Tensor b, double scale, Dropout dropout, Tensor xa) {
  /**
   * Returns the path of some rows.
   *
   * @param from first row
   * @param to one past the last row
   * @return the same with the rows' part of xa and of what is dropped
   */
  public LowRank rows(int from, int to) {
    return new LowRank(a, b, scale, dropout.from((long) from * a.columns()), xa.rows(from, to));
  }
}
