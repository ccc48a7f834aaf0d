package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_forward_primitive_desc_create;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * The softmax of every row of matrices without gaps. The result is in float32 or bfloat16; it may
 * be the operand.
 */
final class Softmax {
  static final int ALONG_ROWS = 1;

  private Softmax() {}

  /** What a compiled softmax depends on. */
  private record Key(int rows, int columns, int type) {}

  /** y = softmax(x). A row's numbers may be -infinity, which become 0, but not all of them. */
  static void forward(Slot slot, HeadMatrices x, HeadMatrices y) {
    Layout layout = x.layout();
    Key key = new Key(layout.count() * layout.rows(), layout.columns(), y.layout().type());
    slot.primitives()
        .get(key, () -> compile(slot, key))
        .run(slot.stream(), x.address(), y.address());
  }

  private static Primitive compile(Slot slot, Key key) {
    int[] arguments = {DNNL_ARG_SRC, DNNL_ARG_DST};
    try (MemoryDescription x =
            MemoryDescription.matrix(key.rows, key.columns, dnnl_f32, key.columns, 1);
        MemoryDescription y =
            MemoryDescription.matrix(key.rows, key.columns, key.type, key.columns, 1)) {
      return new Primitive(slot.engine(), describe(slot.engine(), x, y), arguments, x, y);
    }
  }

  /** Describes it to oneDNN; the caller destroys the answer or compiles it. */
  static dnnl_primitive_desc describe(dnnl_engine engine, dnnl_memory_desc x, dnnl_memory_desc y) {
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_softmax_forward_primitive_desc_create(
            forward, engine, dnnl_forward_training, dnnl_softmax_accurate, x, y, ALONG_ROWS, null),
        "describing a softmax");
    return forward;
  }
}
