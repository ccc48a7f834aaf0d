package io.github.lorascope.backend;

/**
 * One update of AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019), as
 * PyTorch computes it.
 *
 * @param learningRate the learning rate of this update
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay share of a parameter, times the learning rate, that is taken off before the
 *     update
 * @param step number of this update, from 1
 */
public record AdamW(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    int step) {}
