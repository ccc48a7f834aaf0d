package io.github.lorascope.train;

import io.github.lorascope.metric.Proportion;

/**
 * How a reranker answers a fixed set of pairs.
 *
 * @param accuracy the pairs answered right
 * @param meanProbability mean probability given to the right answer
 * @param loss mean cross-entropy, in nats
 * @param tokens tokens of the prompts
 */
public record Evaluation(Proportion accuracy, double meanProbability, double loss, long tokens) {}
