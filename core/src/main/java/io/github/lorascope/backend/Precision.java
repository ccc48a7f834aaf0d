package io.github.lorascope.backend;

/**
 * What the operands of a linear layer's product are rounded to. Sums, the residual stream, and what
 * is trained are float32; what passes between the operations of a layer is too, or is rounded alike
 * where the device multiplies bfloat16.
 */
public enum Precision {
  /** No rounding. */
  F32,
  /** Round both operands to bfloat16, to nearest, ties to even. */
  BF16
}
