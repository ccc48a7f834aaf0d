package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_layer_normalization_forward_primitive_desc_create_v2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_rms_norm;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** y = x r g, with r = 1 / sqrt(mean(x^2) + epsilon). */
final class RmsNorm {
  private static final int[] ARGUMENTS = {
    DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_VARIANCE, DNNL_ARG_SCALE
  };

  private RmsNorm() {}

  /** What a compiled norm depends on. */
  private record Key(int rows, int columns, int typeX, int typeY, float epsilon) {}

  static void forward(
      Workers workers, Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    DenseRows.each(
        workers,
        x.rows(),
        x.columns(),
        1 + DenseRows.copies(x, y),
        (slot, from, to) ->
            forward(
                slot,
                DenseRows.of(slot, x.rows(from, to)),
                gain,
                epsilon,
                y.rows(from, to),
                inverse.rows(from, to)));
  }

  /** sum = x + residual, and the norm of it. */
  static void addForward(
      Workers workers,
      Tensor x,
      Tensor residual,
      Tensor gain,
      double epsilon,
      Tensor sum,
      Tensor y,
      Tensor inverse) {
    DenseRows.each(
        workers,
        x.rows(),
        x.columns(),
        1 + DenseRows.copies(x, residual, sum, y),
        (slot, from, to) -> {
          Tensor dense =
              Rows.add(slot, x.rows(from, to), residual.rows(from, to), sum.rows(from, to));
          forward(slot, dense, gain, epsilon, y.rows(from, to), inverse.rows(from, to));
        });
  }

  private static void forward(
      Slot slot, Tensor x, Tensor gain, double epsilon, Tensor y, Tensor inverse) {
    int rows = x.rows();
    Tensor normed = DenseRows.like(slot, y);
    Tensor square = slot.scratch(1, rows);
    Key key =
        new Key(
            rows, x.columns(), NativeStorage.type(x), NativeStorage.type(normed), (float) epsilon);
    slot.primitives()
        .get(key, () -> compile(slot, key))
        .run(
            slot.stream(),
            NativeStorage.address(x),
            NativeStorage.address(normed),
            NativeStorage.floats(square),
            NativeStorage.floats(gain));
    DenseRows.end(slot, normed, y);
    for (int row = 0; row < rows; row++) {
      inverse.set(row, 0, 1 / Math.sqrt(square.get(0, row) + epsilon));
    }
  }

  /** With n = x r and d = dy g: dx += r (d - n mean(d n)). */
  static void backward(
      Workers workers, Tensor dy, Tensor x, Tensor gain, Tensor inverse, Tensor dx) {
    int columns = x.columns();
    float[] g = gain.toArray();
    DenseRows.each(
        workers,
        x.rows(),
        columns,
        2 + DenseRows.copies(false, dy, x, dx),
        (slot, from, to) -> {
          Tensor product = slot.scratch(to - from, columns);
          Tensor sums = slot.scratch(to - from, 1);
          Tensor gradient = DenseRows.of(slot, dy.rows(from, to), false);
          Tensor input = DenseRows.of(slot, x.rows(from, to), false);
          Tensor result = dx.rows(from, to);
          Tensor added = DenseRows.of(slot, result, false);
          Elementwise.multiply(slot, gradient, input, product);
          slot.products().timesTransposed(1, product, gain, 0, sums);
          float[] n = slot.line(0, columns);
          float[] d = slot.line(1, columns);
          float[] sum = slot.line(2, columns);
          for (int row = 0; row < to - from; row++) {
            float r = (float) inverse.get(from + row, 0);
            float mean = (float) (sums.get(row, 0) * r / columns);
            float ofX = r * r * mean;
            input.storage().read(input.offset(row), n, 0, columns);
            gradient.storage().read(gradient.offset(row), d, 0, columns);
            added.storage().read(added.offset(row), sum, 0, columns);
            for (int i = 0; i < columns; i++) {
              sum[i] += r * d[i] * g[i] - ofX * n[i];
            }
            added.storage().write(added.offset(row), sum, 0, columns);
          }
          DenseRows.end(slot, added, result);
        });
  }

  private static Primitive compile(Slot slot, Key key) {
    int columns = key.columns;
    try (MemoryDescription x = MemoryDescription.matrix(key.rows, columns, key.typeX, columns, 1);
        MemoryDescription y = MemoryDescription.matrix(key.rows, columns, key.typeY, columns, 1);
        MemoryDescription ofRows = MemoryDescription.line(key.rows);
        MemoryDescription ofColumns = MemoryDescription.line(columns)) {
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_layer_normalization_forward_primitive_desc_create_v2(
              description,
              slot.engine(),
              dnnl_forward_training,
              x,
              y,
              ofRows,
              dnnl_f32,
              key.epsilon,
              dnnl_rms_norm | dnnl_use_scale,
              null),
          "describing a norm");
      return new Primitive(slot.engine(), description, ARGUMENTS, x, y, ofRows, ofColumns);
    }
  }
}
