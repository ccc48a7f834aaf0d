package io.github.lorascope.backend;

import io.github.lorascope.tensor.Tensor;

/**
 * What the gradient of a LoRA path is computed from, and where it goes.
 *
 * @param dy gradient of the output of the linear layer [tokens, outputs]
 * @param path the path as the forward pass left it
 * @param dxa gradient of the path's xa as {@link Backend#linearBackward} left it [tokens, rank]
 * @param x the input of the forward pass [tokens, inputs]
 * @param a receives the gradient of A, added to what is there [rank, inputs]
 * @param b receives the gradient of B, added to what is there [outputs, rank]
 */
public record LowRankGradient(Tensor dy, LowRank path, Tensor dxa, Tensor x, Tensor a, Tensor b) {}
