package io.github.lorascope.backend;

import io.github.lorascope.tensor.Tensor;

/**
 * What the backward pass of a LoRA path needs and makes.
 *
 * @param x the input of the forward pass [tokens, inputs]
 * @param a receives the gradient of A, added to what is there [rank, inputs]
 * @param b receives the gradient of B, added to what is there [outputs, rank]
 */
public record LowRankGradient(Tensor x, Tensor a, Tensor b) {}
