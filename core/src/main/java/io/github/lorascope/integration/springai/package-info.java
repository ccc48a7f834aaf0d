/**
 * Reranking in Spring AI's retrieval: needs {@code org.springframework.ai:spring-ai-rag} 2 or 1.1,
 * which this library does not bring.
 */
package io.github.lorascope.integration.springai;
