package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.BlockScales;
import io.github.lorascope.weights.Nf4Weight;
import java.nio.ByteBuffer;

/**
 * A weight's 4-bit codes and scales on the device.
 *
 * @param absmax the scales of blocks; null where they are double-quantized
 * @param nested the double-quantized scales; null where they are not
 */
record Nf4Codes(
    Device device, long elements, Tensor packed, Tensor codebook, Tensor absmax, Nested nested) {
  private static final int BLOCKS = 4096;

  /** Codes of scales, what they mean, and the scales of scales. */
  private record Nested(Tensor codes, Tensor map, Tensor scales, float offset) {}

  static Nf4Codes of(Nf4Weight weight, Device device, MemoryScope scope) {
    BlockScales scales = weight.scales();
    Tensor absmax = null;
    Nested nested = null;
    if (scales.isNested()) {
      BlockScales.Nested parts = scales.nested();
      nested =
          new Nested(
              Transfer.bytes(device, scope, ByteBuffer.wrap(parts.codes())),
              scope.tensor(1, parts.map().length, parts.map()),
              scope.tensor(1, parts.scales().length, parts.scales()),
              parts.offset());
    } else {
      float[] values = new float[scales.blocks()];
      scales.read(0, values.length, values, 0);
      absmax = scope.tensor(1, values.length, values);
    }
    return new Nf4Codes(
        device,
        (long) weight.rows() * weight.columns(),
        Transfer.bytes(device, scope, weight.packed()),
        scope.tensor(1, 16, weight.codebook()),
        absmax,
        nested);
  }

  /** Writes the numbers, row by row without gaps. */
  void dequantize(boolean bf16, Tensor room) {
    String kernel = (nested == null ? "nf4_to_" : "nf4_nested_to_") + (bf16 ? "bf16" : "f32");
    Launch launch = new Launch(device, kernel).row(packed).row(codebook);
    if (nested == null) {
      launch.row(absmax);
    } else {
      launch.row(nested.codes).row(nested.map).row(nested.scales).value(nested.offset);
    }
    launch.row(room).value(elements).run(Grid.numbers((elements + 1) / 2, BLOCKS));
  }
}
