package io.github.lorascope.backend.onednn;

/** How a frozen weight lies in memory. */
enum WeightLayout {
  /**
   * Row by row in float32, rounded before where the precision says so; where memory allows, with a
   * transposed copy for the forward pass: sgemm reads a transposed operand more slowly, by a
   * quarter where rows are few.
   */
  PLAIN,
  /** As oneDNN likes bfloat16 best; a copy for forward and one for backward. */
  PACKED_BF16
}
