package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.BlockScales;
import io.github.lorascope.weights.Nf4;
import io.github.lorascope.weights.Nf4Weight;
import java.nio.ByteBuffer;

/**
 * A weight's 4-bit codes and scales on the device.
 *
 * @param absmax the scales of blocks; null where they are double-quantized
 * @param nested the double-quantized scales; null where they are not
 */
record Nf4Codes(
    Device device,
    int rows,
    int columns,
    Tensor packed,
    Tensor codebook,
    Tensor absmax,
    Nested nested) {
  private static final int BLOCKS = 4096;

  /** Rows that are multiplied with the codes themselves, at most. */
  static final int FEW = 64;

  /** Outputs of a block of {@link #multiply}, and its threads: 8 outputs a warp. */
  static final int OUTPUTS = 32;

  static final int THREADS = 128;

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
        weight.rows(),
        weight.columns(),
        Transfer.bytes(device, scope, weight.packed()),
        scope.tensor(1, 16, weight.codebook()),
        absmax,
        nested);
  }

  /** Writes the numbers, row by row without gaps. */
  void dequantize(boolean bf16, Tensor room) {
    long elements = (long) rows * columns;
    codes(new Launch(device, kernel(bf16 ? "to_bf16" : "to_f32")))
        .row(room)
        .value(elements)
        .run(Grid.numbers((elements + 7) / 8, BLOCKS));
  }

  /** Whether {@link #multiply} takes these: few rows, which it is faster for than dequantizing. */
  boolean multiplies(Tensor x, Tensor y) {
    return x.rows() <= FEW
        && columns % Nf4.BLOCK == 0
        && DeviceStorage.type(x) == DeviceStorage.type(y);
  }

  /** y = x W^T, or y += x W^T, with both operands rounded to bfloat16. */
  void multiply(Tensor x, boolean add, Tensor y) {
    codes(new Launch(device, kernel("multiply"), DeviceStorage.type(x)))
        .typed(x)
        .typed(y)
        .value(x.rows())
        .value(rows)
        .value(columns)
        .value(add ? 1 : 0)
        .run(new Grid(Grid.parts(rows, OUTPUTS), 1, 1, THREADS));
  }

  private String kernel(String what) {
    return (nested == null ? "nf4_" : "nf4_nested_") + what;
  }

  /** The arguments that these kernels begin with. */
  private Launch codes(Launch launch) {
    launch.row(packed).row(codebook);
    return nested == null
        ? launch.row(absmax)
        : launch.row(nested.codes).row(nested.map).row(nested.scales).value(nested.offset);
  }
}
