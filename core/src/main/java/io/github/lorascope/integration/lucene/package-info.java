/**
 * Reranking of a Lucene search: needs {@code org.apache.lucene:lucene-core} 9, which this library
 * does not bring.
 */
package io.github.lorascope.integration.lucene;
