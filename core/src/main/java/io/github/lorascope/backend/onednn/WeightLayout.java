package io.github.lorascope.backend.onednn;

import io.github.lorascope.backend.Precision;

/** How a frozen weight lies in memory. */
enum WeightLayout {
  /**
   * Row by row in float32, rounded before where the precision says so. One copy serves forward and
   * backward.
   */
  PLAIN,
  /** As oneDNN likes float32 best; a copy for forward and one for backward. */
  PACKED_F32,
  /** As oneDNN likes bfloat16 best; a copy for forward and one for backward. */
  PACKED_BF16;

  /**
   * Chooses for this processor. sgemm reads plain float32 as fast in either direction as a packed
   * copy; bfloat16 is worth packing where the processor multiplies it.
   */
  static WeightLayout of(Precision precision, boolean nativeBf16) {
    return precision == Precision.BF16 && nativeBf16 ? PACKED_BF16 : PLAIN;
  }
}
