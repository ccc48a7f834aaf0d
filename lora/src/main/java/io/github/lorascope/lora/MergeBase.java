package io.github.lorascope.lora;

/** The weights that an adapter is merged into. Where a model is held in 4 bits, the two differ. */
public enum MergeBase {
  /**
   * The 16-bit or 32-bit weights of the checkpoint, whatever form the decoder holds them in. There
   * are none in a checkpoint that is itself quantized.
   */
  CHECKPOINT,
  /**
   * What the decoder's quantized weights stand for: the base that the adapter was trained beside,
   * so that the merged model answers as the two together do, up to rounding.
   */
  DEQUANTIZED
}
