package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * A matrix of a {@link Product} in device memory, row by row.
 *
 * @param address of its first number
 * @param stride distance of its rows, in numbers
 * @param bf16 whether its numbers are bfloat16 rather than float32
 * @param transposed whether the product takes its transpose
 */
record Operand(long address, int stride, boolean bf16, boolean transposed) {
  static Operand of(Tensor tensor) {
    boolean bf16 = DeviceStorage.type(tensor) == NumberType.BF16;
    return new Operand(DeviceStorage.address(tensor), tensor.stride(), bf16, false);
  }

  /** A matrix as it is, or a copy where it is to be rounded and is not yet. */
  static Operand rounded(Tensor tensor, NumberType to, Device device, MemoryScope scratch) {
    NumberType from = DeviceStorage.type(tensor);
    if (from == to) {
      return of(tensor);
    }
    if (to == NumberType.F32) {
      throw new IllegalArgumentException(
          "a product in float32 was asked for, of a " + tensor + " that is rounded");
    }
    Tensor copy = scratch.rounded(tensor.rows(), tensor.columns());
    new Launch(device, "round_matrix")
        .matrix(tensor)
        .address(DeviceStorage.address(copy))
        .value(copy.stride())
        .each(tensor.rows(), tensor.columns());
    return of(copy);
  }

  Operand transpose() {
    return new Operand(address, stride, bf16, !transposed);
  }
}
