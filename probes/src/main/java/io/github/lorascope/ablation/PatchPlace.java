package io.github.lorascope.ablation;

/** Behind how many layers, and at which tokens, states are replaced. */
record PatchPlace(int layer, PatchPosition position) {}
