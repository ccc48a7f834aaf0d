/**
 * Pairwise ranking: which of two passages answers a query better, from two logits on the last token
 * of a prompt, and the whole order from such answers.
 */
package io.github.lorascope.rerank;
