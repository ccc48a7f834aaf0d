package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Products of float32 matrices that may be views of wider ones, {@code c = factor a b + keep c}
 * with either operand transposed. oneDNN's sgemm needs nothing compiled for a new shape and runs on
 * this processor's widest registers.
 */
final class Products {
  private static final byte PLAIN = 'N';
  private static final byte TRANSPOSED = 'T';

  private final Address left = new Address();
  private final Address right = new Address();
  private final Address result = new Address();

  /** {@code c = factor a b + keep c}. */
  void times(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.rows() == c.rows() && a.columns() == b.rows() && b.columns() == c.columns(), a, b, c);
    run(PLAIN, PLAIN, a.columns(), factor, a, b, keep, c);
  }

  /** {@code c = factor a b^T + keep c}. */
  void timesTransposed(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.rows() == c.rows() && a.columns() == b.columns() && b.rows() == c.columns(), a, b, c);
    run(PLAIN, TRANSPOSED, a.columns(), factor, a, b, keep, c);
  }

  /** {@code c = factor a^T b + keep c}. */
  void transposedTimes(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.columns() == c.rows() && a.rows() == b.rows() && b.columns() == c.columns(), a, b, c);
    run(TRANSPOSED, PLAIN, a.rows(), factor, a, b, keep, c);
  }

  private void run(
      byte opA, byte opB, int inner, double factor, Tensor a, Tensor b, double keep, Tensor c) {
    if (c.rows() == 0 || c.columns() == 0) {
      return;
    }
    FloatPointer x = left.at(NativeStorage.address(a));
    FloatPointer y = right.at(NativeStorage.address(b));
    FloatPointer z = result.at(NativeStorage.address(c));
    OneDnnLibrary.check(
        dnnl_sgemm(
            opA,
            opB,
            c.rows(),
            c.columns(),
            inner,
            (float) factor,
            x,
            a.stride(),
            y,
            b.stride(),
            (float) keep,
            z,
            c.stride()),
        "multiplying");
  }

  private static void fit(boolean fits, Tensor a, Tensor b, Tensor c) {
    if (!fits) {
      throw new IllegalArgumentException(a + " and " + b + " do not multiply to " + c);
    }
  }
}
