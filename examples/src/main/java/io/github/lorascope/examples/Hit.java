package io.github.lorascope.examples;

/**
 * A passage that a search found.
 *
 * @param passage its text
 * @param score what it is ordered by
 */
record Hit(String passage, double score) {}
