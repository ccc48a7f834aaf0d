/**
 * Reranking in LangChain4j's retrieval: needs {@code dev.langchain4j:langchain4j-core} 1, which
 * this library does not bring.
 */
package io.github.lorascope.integration.langchain4j;
