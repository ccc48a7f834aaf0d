package io.github.lorascope.tap;

import io.github.lorascope.metric.Proportion;

/**
 * The head that tells the relevant passage best by its attention alone. The best of many looks
 * better than it is on the pairs that it was picked on; what it does on the others counts.
 *
 * @param layer its layer
 * @param head its number in the layer
 * @param picked its {@link AttentionMeasurement#matching} on the pairs that it was picked on
 * @param confirmed the same on pairs that had no part in picking it
 */
public record MatchingHead(int layer, int head, Proportion picked, Proportion confirmed) {}
