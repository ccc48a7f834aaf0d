package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.util.Locale;

/**
 * The form that the frozen linear layers of a decoder are kept in; embeddings, norms and heads stay
 * as they are.
 */
public enum Quantization {
  /** As the checkpoint stores them; blocks of a GGUF file are dequantized when they are used. */
  STORED,
  /** 32-bit floating point. */
  F32,
  /** bfloat16. */
  BF16,
  /** 4-bit NormalFloat in blocks of 64 with a float32 scale each: 4.5 bits a weight. */
  NF4,
  /** 4-bit NormalFloat whose scales are quantized too: 4.127 bits a weight. */
  NF4_DOUBLE;

  Weight apply(Weight weight, Backend backend) {
    return switch (this) {
      case STORED -> weight;
      case F32 -> dense(weight, WeightForm.F32);
      case BF16 -> dense(weight, WeightForm.BF16);
      case NF4 -> weight.form() == WeightForm.NF4 ? weight : backend.quantize(weight, false);
      case NF4_DOUBLE -> weight.form() == WeightForm.NF4 ? weight : backend.quantize(weight, true);
    };
  }

  private static Weight dense(Weight weight, WeightForm form) {
    return weight.form() == form ? weight : DenseWeight.converted(weight, form);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
