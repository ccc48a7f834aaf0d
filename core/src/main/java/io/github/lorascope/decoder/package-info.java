/**
 * Decoder-only language models: loading, the forward pass and, written out beside it, the backward
 * pass. A batch is a packed stream of tokens without padding; only the work that a last-token score
 * needs is done.
 */
package io.github.lorascope.decoder;
