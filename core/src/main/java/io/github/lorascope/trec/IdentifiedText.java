package io.github.lorascope.trec;

/**
 * A passage of a collection, or a query.
 *
 * @param id its id
 * @param text its text
 */
public record IdentifiedText(String id, String text) {}
