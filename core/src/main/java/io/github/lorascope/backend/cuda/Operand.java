package io.github.lorascope.backend.cuda;

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
    return new Operand(DeviceStorage.address(tensor), tensor.stride(), false, false);
  }

  Operand transpose() {
    return new Operand(address, stride, bf16, !transposed);
  }
}
