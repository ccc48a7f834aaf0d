package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_forward_primitive_desc_create;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The softmax of every row of matrices without gaps, and its gradient. The result is in float32 or
 * bfloat16; it may be an operand.
 */
final class Softmax {
  private static final int ALONG_ROWS = 1;

  private Softmax() {}

  /** What a compiled softmax depends on. */
  private record Key(int rows, int columns, int type, boolean backward) {}

  /** y = softmax(x). A row's numbers may be -infinity, which become 0, but not all of them. */
  static void forward(Slot slot, HeadMatrices x, HeadMatrices y) {
    Key key = key(x, y, false);
    slot.primitives()
        .get(key, () -> compile(slot, key))
        .run(slot.stream(), x.address(), y.address());
  }

  /** dx = p (d - rowsum(p d)), with p the softmax and d the gradient by it. */
  static void backward(Slot slot, HeadMatrices p, HeadMatrices d, HeadMatrices dx) {
    Key key = key(p, dx, true);
    slot.primitives()
        .get(key, () -> compile(slot, key))
        .run(slot.stream(), p.address(), d.address(), dx.address());
  }

  private static Key key(HeadMatrices x, HeadMatrices y, boolean backward) {
    Layout layout = x.layout();
    return new Key(layout.count() * layout.rows(), layout.columns(), y.layout().type(), backward);
  }

  private static Primitive compile(Slot slot, Key key) {
    dnnl_memory_desc matrix = Primitive.matrix(key.rows, key.columns, dnnl_f32, key.columns, 1);
    dnnl_memory_desc result = Primitive.matrix(key.rows, key.columns, key.type, key.columns, 1);
    try {
      if (!key.backward) {
        int[] arguments = {DNNL_ARG_SRC, DNNL_ARG_DST};
        return new Primitive(
            slot.engine(), describe(slot, matrix, result), arguments, matrix, result);
      }
      dnnl_primitive_desc forward = describe(slot, matrix, matrix);
      try {
        dnnl_primitive_desc gradient = new dnnl_primitive_desc();
        OneDnnLibrary.check(
            dnnl_softmax_backward_primitive_desc_create(
                gradient,
                slot.engine(),
                dnnl_softmax_accurate,
                result,
                matrix,
                matrix,
                ALONG_ROWS,
                forward,
                null),
            "describing the gradient of a softmax");
        int[] arguments = {DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC};
        return new Primitive(slot.engine(), gradient, arguments, matrix, matrix, result);
      } finally {
        dnnl_primitive_desc_destroy(forward);
      }
    } finally {
      dnnl_memory_desc_destroy(matrix);
      dnnl_memory_desc_destroy(result);
    }
  }

  private static dnnl_primitive_desc describe(Slot slot, dnnl_memory_desc x, dnnl_memory_desc y) {
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_softmax_forward_primitive_desc_create(
            forward,
            slot.engine(),
            dnnl_forward_training,
            dnnl_softmax_accurate,
            x,
            y,
            ALONG_ROWS,
            null),
        "describing a softmax");
    return forward;
  }
}
