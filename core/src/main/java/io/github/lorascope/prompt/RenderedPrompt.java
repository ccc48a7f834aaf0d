package io.github.lorascope.prompt;

/**
 * A prompt as text.
 *
 * @param text the whole prompt
 * @param query where the query stands in it
 * @param documentA where passage A stands in it
 * @param documentB where passage B stands in it
 */
public record RenderedPrompt(String text, TextSpan query, TextSpan documentA, TextSpan documentB) {}
