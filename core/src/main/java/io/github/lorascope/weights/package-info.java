/**
 * Frozen weights in the form they were given (f32, f16, bf16, NF4, GGUF blocks), on the host, and
 * the 4-bit NormalFloat format.
 */
package io.github.lorascope.weights;
