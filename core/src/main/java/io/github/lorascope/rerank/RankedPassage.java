package io.github.lorascope.rerank;

/**
 * A passage in its place.
 *
 * @param index where it stood in the list that was ranked, from 0
 * @param passage its text
 * @param score mean probability of being preferred to each of the others, over both positions, from
 *     0 to 1
 */
public record RankedPassage(int index, String passage, double score) {}
