package io.github.lorascope.backend;

/**
 * What the operands of a linear layer's product are rounded to; sums, and everything else, are
 * float32.
 */
public enum Precision {
  /** No rounding. */
  F32,
  /** Round both operands to bfloat16, to nearest, ties to even. */
  BF16
}
