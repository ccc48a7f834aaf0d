package io.github.lorascope.weights;

/** How a frozen weight is kept. */
public enum WeightForm {
  /** 32-bit floating point. */
  F32,
  /** 16-bit floating point with 5 bits of exponent. */
  F16,
  /** 16-bit floating point with 8 bits of exponent. */
  BF16,
  /** 4-bit NormalFloat in blocks of 64 (Dettmers et al., QLoRA, 2023). */
  NF4,
  /** Blocks of a GGUF file that share scales, in one of several layouts. */
  GGUF
}
