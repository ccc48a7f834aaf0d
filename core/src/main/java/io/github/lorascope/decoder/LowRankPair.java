package io.github.lorascope.decoder;

import io.github.lorascope.tensor.Tensor;

/**
 * The two matrices of one LoRA path, or their gradients.
 *
 * @param a the down-projection A [rank, inputs]
 * @param b the up-projection B [outputs, rank]
 */
public record LowRankPair(Tensor a, Tensor b) {}
