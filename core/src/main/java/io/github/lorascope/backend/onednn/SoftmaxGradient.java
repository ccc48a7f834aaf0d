package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_impl_info_str;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_backward_primitive_desc_create;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The gradient of a softmax of every row, {@code dx = p (d - rowsum(p d))}, with p the softmax and
 * d the gradient by it, matrices without gaps in float32. The result is in float32 or bfloat16.
 */
final class SoftmaxGradient {
  private SoftmaxGradient() {}

  /** What a compiled gradient depends on. */
  private record Key(int rows, int columns, int type) {}

  /** Whether oneDNN compiles it here, which it does for AVX-512. */
  private static final class Compiled {
    static final boolean HERE = compiles(OneDnnLibrary.get().engine());
  }

  /** Computes dx, which may be d; d is undefined afterwards. */
  static void run(Slot slot, HeadMatrices p, HeadMatrices d, HeadMatrices dx) {
    if (Compiled.HERE) {
      byPrimitive(slot, p, d, dx);
    } else {
      byLine(slot, p, d, dx);
    }
  }

  static void byPrimitive(Slot slot, HeadMatrices p, HeadMatrices d, HeadMatrices dx) {
    Layout layout = p.layout();
    Key key = new Key(layout.count() * layout.rows(), layout.columns(), dx.layout().type());
    slot.primitives()
        .get(key, () -> compile(slot.engine(), key))
        .run(slot.stream(), p.address(), d.address(), dx.address());
  }

  /** The same in Java, several times as fast as what oneDNN has where it compiles nothing. */
  static void byLine(Slot slot, HeadMatrices p, HeadMatrices d, HeadMatrices dx) {
    Tensor probabilities = p.matrix();
    Tensor gradient = d.matrix();
    int columns = probabilities.columns();
    float[] x = slot.line(0, columns);
    float[] y = slot.line(1, columns);
    for (int row = 0; row < probabilities.rows(); row++) {
      probabilities.storage().read(probabilities.offset(row), x, 0, columns);
      gradient.storage().read(gradient.offset(row), y, 0, columns);
      float sum = (float) Lines.dot(x, y, columns);
      for (int i = 0; i < columns; i++) {
        y[i] = x[i] * (y[i] - sum);
      }
      gradient.storage().write(gradient.offset(row), y, 0, columns);
    }
    if (dx.address() != d.address()) {
      dx.take(slot, d);
    }
  }

  private static boolean compiles(dnnl_engine engine) {
    try (MemoryDescription matrix = MemoryDescription.matrix(16, 64, dnnl_f32, 64, 1);
        PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
      dnnl_primitive_desc description = describe(engine, matrix, matrix);
      try {
        OneDnnLibrary.check(
            dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, name),
            "asking how it computes the gradient of a softmax");
        return !name.get(BytePointer.class).getString().startsWith("ref");
      } finally {
        dnnl_primitive_desc_destroy(description);
      }
    }
  }

  private static Primitive compile(dnnl_engine engine, Key key) {
    int[] arguments = {DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC};
    try (MemoryDescription x =
            MemoryDescription.matrix(key.rows, key.columns, dnnl_f32, key.columns, 1);
        MemoryDescription dx =
            MemoryDescription.matrix(key.rows, key.columns, key.type, key.columns, 1)) {
      return new Primitive(engine, describe(engine, x, dx), arguments, x, x, dx);
    }
  }

  private static dnnl_primitive_desc describe(
      dnnl_engine engine, dnnl_memory_desc x, dnnl_memory_desc dx) {
    dnnl_primitive_desc forward = Softmax.describe(engine, x, x);
    try {
      dnnl_primitive_desc gradient = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_softmax_backward_primitive_desc_create(
              gradient, engine, dnnl_softmax_accurate, dx, x, x, Softmax.ALONG_ROWS, forward, null),
          "describing the gradient of a softmax");
      return gradient;
    } finally {
      dnnl_primitive_desc_destroy(forward);
    }
  }
}
