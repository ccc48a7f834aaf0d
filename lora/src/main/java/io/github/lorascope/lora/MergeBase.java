package io.github.lorascope.lora;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LinearModule;
import io.github.lorascope.weights.WeightForm;
import java.util.Locale;

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
  DEQUANTIZED;

  /**
   * Chooses the base that an adapter on a decoder was trained beside.
   *
   * @param decoder holds the model as it was held in the training
   * @return DEQUANTIZED if any of its linear layers is held in few bits, else CHECKPOINT
   */
  public static MergeBase asHeldBy(Decoder decoder) {
    for (int layer = 0; layer < decoder.config().layers(); layer++) {
      for (LinearModule module : LinearModule.of(decoder.config())) {
        if (isQuantized(decoder.weight(layer, module.path()).form())) {
          return DEQUANTIZED;
        }
      }
    }
    return CHECKPOINT;
  }

  static boolean isQuantized(WeightForm form) {
    return form == WeightForm.NF4 || form == WeightForm.GGUF;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
