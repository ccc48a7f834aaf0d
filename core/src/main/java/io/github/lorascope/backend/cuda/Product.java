package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.Tensor;

/**
 * {@code c = alpha a b + beta c}, with a [rows, inner] and b [inner, columns] after transposition,
 * both in float32 or both in bfloat16, and c [rows, columns] in float32 or, where these are too, in
 * bfloat16.
 *
 * @param rows rows of c
 * @param columns columns of c
 * @param inner what is summed over
 * @param alpha factor of the product
 * @param a the left operand
 * @param b the right operand
 * @param beta factor of what c holds; where it is 0, c may hold anything
 * @param c the result, not transposed
 */
record Product(
    int rows, int columns, int inner, float alpha, Operand a, Operand b, float beta, Operand c) {
  /** Refuses what cuBLAS would take for something else. */
  Product {
    if (a.bf16() != b.bf16() || (c.bf16() && !a.bf16()) || c.transposed()) {
      throw new IllegalArgumentException("a product of " + a + " and " + b + " into " + c);
    }
  }

  static Product of(float alpha, Operand a, int inner, Operand b, float beta, Tensor c) {
    return new Product(c.rows(), c.columns(), inner, alpha, a, b, beta, Operand.of(c));
  }

  void run(Device device) {
    device.multiply(this);
  }
}
