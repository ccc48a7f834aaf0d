/**
 * Matrices of activations and the memory they live in. A {@link io.github.lorascope.tensor.Tensor}
 * is a view; the {@link io.github.lorascope.tensor.MemoryScope} that made it frees its memory; the
 * {@link io.github.lorascope.tensor.MemoryAccount} of the backend counts, caps and reports it.
 */
package io.github.lorascope.tensor;
