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

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** The softmax of every row of a matrix without gaps, in place, and its gradient. */
final class Softmax {
  private static final int ALONG_ROWS = 1;

  private Softmax() {}

  /** What a compiled softmax depends on. */
  private record Key(int rows, int columns, boolean backward) {}

  /** p = softmax(p). A row's numbers may be -infinity, which become 0, but not all of them. */
  static void forward(Slot slot, Tensor p) {
    long at = NativeStorage.address(p);
    slot.primitives()
        .get(new Key(p.rows(), p.columns(), false), () -> compile(slot, p, false))
        .run(slot.stream(), at, at);
  }

  /** d = p (d - rowsum(p d)), with p the softmax and d the gradient by it, then by its input. */
  static void backward(Slot slot, Tensor p, Tensor d) {
    long at = NativeStorage.address(d);
    slot.primitives()
        .get(new Key(p.rows(), p.columns(), true), () -> compile(slot, p, true))
        .run(slot.stream(), NativeStorage.address(p), at, at);
  }

  private static Primitive compile(Slot slot, Tensor shape, boolean backward) {
    dnnl_memory_desc matrix =
        Primitive.matrix(shape.rows(), shape.columns(), dnnl_f32, shape.columns(), 1);
    try {
      dnnl_primitive_desc forward = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_softmax_forward_primitive_desc_create(
              forward,
              slot.engine(),
              dnnl_forward_training,
              dnnl_softmax_accurate,
              matrix,
              matrix,
              ALONG_ROWS,
              null),
          "describing a softmax");
      if (!backward) {
        int[] arguments = {DNNL_ARG_SRC, DNNL_ARG_DST};
        return new Primitive(slot.engine(), forward, arguments, matrix, matrix);
      }
      try {
        dnnl_primitive_desc gradient = new dnnl_primitive_desc();
        OneDnnLibrary.check(
            dnnl_softmax_backward_primitive_desc_create(
                gradient,
                slot.engine(),
                dnnl_softmax_accurate,
                matrix,
                matrix,
                matrix,
                ALONG_ROWS,
                forward,
                null),
            "describing the gradient of a softmax");
        int[] arguments = {DNNL_ARG_DST, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC};
        return new Primitive(slot.engine(), gradient, arguments, matrix, matrix, matrix);
      } finally {
        dnnl_primitive_desc_destroy(forward);
      }
    } finally {
      dnnl_memory_desc_destroy(matrix);
    }
  }
}
