package io.github.lorascope.prompt;

/**
 * A stretch of characters of a text.
 *
 * @param start its first character, in UTF-16 units
 * @param end past its last character; equal to the start when the stretch is empty
 */
public record TextSpan(int start, int end) {}
