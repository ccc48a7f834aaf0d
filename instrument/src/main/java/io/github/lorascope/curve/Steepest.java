package io.github.lorascope.curve;

/**
 * Where a smoothed curve moves fastest.
 *
 * @param step the step
 * @param slope change of the curve a step
 */
public record Steepest(double step, double slope) {}
