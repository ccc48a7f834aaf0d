package io.github.lorascope.decoder;

import io.github.lorascope.backend.Backend;
import io.github.lorascope.weights.Bfloat16;
import io.github.lorascope.weights.DenseWeight;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
      case F32 ->
          weight.form() == WeightForm.F32 ? weight : dense(weight, WeightForm.F32, Float.BYTES);
      case BF16 ->
          weight.form() == WeightForm.BF16 ? weight : dense(weight, WeightForm.BF16, Short.BYTES);
      case NF4 -> weight.form() == WeightForm.NF4 ? weight : backend.quantize(weight, false);
      case NF4_DOUBLE -> weight.form() == WeightForm.NF4 ? weight : backend.quantize(weight, true);
    };
  }

  /** Converts row by row, into memory outside the heap. */
  private static Weight dense(Weight weight, WeightForm form, int elementBytes) {
    int columns = weight.columns();
    int size = Math.multiplyExact(Math.multiplyExact(weight.rows(), columns), elementBytes);
    ByteBuffer data = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    float[] row = new float[columns];
    for (int r = 0; r < weight.rows(); r++) {
      weight.read(r, r + 1, row, 0);
      for (float value : row) {
        if (form == WeightForm.F32) {
          data.putFloat(value);
        } else {
          data.putShort(Bfloat16.toBits(value));
        }
      }
    }
    return DenseWeight.of(weight.name(), weight.rows(), columns, form, data.flip());
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
