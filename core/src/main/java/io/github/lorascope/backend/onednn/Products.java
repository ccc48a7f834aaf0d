package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Products of matrices that may be views of wider ones, {@code c = factor a b} or {@code c +=
 * factor a b} with either operand transposed; of float32, or of bfloat16 with a result in either.
 * oneDNN's sgemm needs nothing compiled for a new shape and runs on this processor's widest
 * registers.
 */
final class Products {
  private static final byte PLAIN = 'N';
  private static final byte TRANSPOSED = 'T';

  /** Rows of tokens in bfloat16 that go at once; a product is compiled for their number. */
  private static final int MOST_ROWS = 256;

  private final Slot slot;
  private final Address left = new Address();
  private final Address right = new Address();
  private final Address result = new Address();

  /** What a compiled product depends on. */
  private record Key(
      int rows,
      int columns,
      int inner,
      boolean transposedA,
      boolean transposedB,
      int strideA,
      int strideB,
      int type,
      int stride,
      float factor,
      boolean add) {}

  Products(Slot slot) {
    this.slot = slot;
  }

  /** {@code c = factor a b + keep c}. */
  void times(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.rows() == c.rows() && a.columns() == b.rows() && b.columns() == c.columns(), a, b, c);
    run(false, false, factor, a, b, keep, c);
  }

  /** {@code c = factor a b^T + keep c}. */
  void timesTransposed(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.rows() == c.rows() && a.columns() == b.columns() && b.rows() == c.columns(), a, b, c);
    run(false, true, factor, a, b, keep, c);
  }

  /** {@code c = factor a^T b + keep c}. */
  void transposedTimes(double factor, Tensor a, Tensor b, double keep, Tensor c) {
    fit(a.columns() == c.rows() && a.rows() == b.rows() && b.columns() == c.columns(), a, b, c);
    run(true, false, factor, a, b, keep, c);
  }

  private void run(
      boolean transposedA,
      boolean transposedB,
      double factor,
      Tensor a,
      Tensor b,
      double keep,
      Tensor c) {
    if (c.rows() == 0 || c.columns() == 0) {
      return;
    }
    if (!NativeStorage.narrow(a)) {
      floats(transposedA, transposedB, factor, a, b, keep, c);
      return;
    }
    int rows;
    for (int row = 0; row < a.rows(); row += rows) {
      rows = Split.run(a.rows() - row, MOST_ROWS);
      Tensor some = a.rows(row, row + rows);
      if (transposedA) {
        halves(true, transposedB, factor, some, b.rows(row, row + rows), keep != 0 || row > 0, c);
      } else {
        halves(false, transposedB, factor, some, b, keep != 0, c.rows(row, row + rows));
      }
    }
  }

  private void floats(
      boolean transposedA,
      boolean transposedB,
      double factor,
      Tensor a,
      Tensor b,
      double keep,
      Tensor c) {
    FloatPointer x = left.at(NativeStorage.floats(a));
    FloatPointer y = right.at(NativeStorage.floats(b));
    FloatPointer z = result.at(NativeStorage.floats(c));
    OneDnnLibrary.check(
        dnnl_sgemm(
            transposedA ? TRANSPOSED : PLAIN,
            transposedB ? TRANSPOSED : PLAIN,
            c.rows(),
            c.columns(),
            transposedA ? a.rows() : a.columns(),
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

  private void halves(
      boolean transposedA,
      boolean transposedB,
      double factor,
      Tensor a,
      Tensor b,
      boolean add,
      Tensor c) {
    fit(NativeStorage.narrow(b), a, b, c);
    Key key =
        new Key(
            c.rows(),
            c.columns(),
            transposedA ? a.rows() : a.columns(),
            transposedA,
            transposedB,
            a.stride(),
            b.stride(),
            NativeStorage.type(c),
            c.stride(),
            (float) factor,
            add);
    slot.primitives()
        .get(key, () -> compile(key))
        .run(
            slot.stream(),
            NativeStorage.address(a),
            NativeStorage.address(b),
            NativeStorage.address(c));
  }

  private Primitive compile(Key key) {
    try (MemoryDescription a = operand(key.rows, key.inner, key.transposedA, key.strideA);
        MemoryDescription b = operand(key.inner, key.columns, key.transposedB, key.strideB);
        MemoryDescription c =
            MemoryDescription.matrix(key.rows, key.columns, key.type, key.stride, 1)) {
      return Matmul.compile(slot.engine(), a, b, c, key.factor, key.add);
    }
  }

  private static MemoryDescription operand(int rows, int columns, boolean transposed, int stride) {
    return transposed
        ? MemoryDescription.matrix(rows, columns, dnnl_bf16, 1, stride)
        : MemoryDescription.matrix(rows, columns, dnnl_bf16, stride, 1);
  }

  private static void fit(boolean fits, Tensor a, Tensor b, Tensor c) {
    if (!fits) {
      throw new IllegalArgumentException(a + " and " + b + " do not multiply to " + c);
    }
  }
}
