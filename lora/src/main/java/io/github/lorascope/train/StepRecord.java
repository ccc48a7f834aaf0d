package io.github.lorascope.train;

/**
 * What one step was like.
 *
 * @param step the step, from 1
 * @param loss mean cross-entropy of its pairs before the update, in nats
 * @param smoothedLoss exponential mean of the losses so far, with a weight of 0.95 on the past,
 *     corrected for its start
 * @param accuracy share of its pairs answered right before the update
 * @param meanProbability mean probability given to the right answer
 * @param learningRate the learning rate
 * @param gradientNorm L2 norm of the gradient before clipping
 * @param tokens tokens of its prompts
 * @param peakMemoryBytes the most memory of the backend that was needed at once during the step,
 *     weights included
 */
public record StepRecord(
    int step,
    double loss,
    double smoothedLoss,
    double accuracy,
    double meanProbability,
    double learningRate,
    double gradientNorm,
    long tokens,
    long peakMemoryBytes) {}
