package io.github.lorascope.decoder;

/**
 * LoRA paths and a head, as the decoder computes with them.
 *
 * @param values the matrices
 * @param scale what a path's product is multiplied with: alpha / rank, or alpha / sqrt(rank)
 */
public record Adapter(AdapterTensors values, double scale) {}
