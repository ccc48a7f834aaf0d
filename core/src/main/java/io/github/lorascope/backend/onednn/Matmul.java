package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_data_type_undef;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_linear;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_sum;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Descriptions of oneDNN's matrix product, y (+)= x W. */
final class Matmul {
  /** Rows for which the layout of W is chosen. */
  private static final int TYPICAL_ROWS = 256;

  private Matmul() {}

  /** Tells whether oneDNN multiplies operands of a type on this processor. */
  static boolean exists(dnnl_engine engine, int type) {
    try (MemoryDescription x = MemoryDescription.matrix(8, 8, type, 8, 1);
        MemoryDescription y = MemoryDescription.matrix(8, 8, dnnl_f32, 8, 1)) {
      dnnl_primitive_desc product = new dnnl_primitive_desc();
      int status = dnnl_matmul_primitive_desc_create(product, engine, x, x, null, y, null);
      if (status != dnnl_success) {
        return false;
      }
      dnnl_primitive_desc_destroy(product);
      return true;
    }
  }

  /**
   * Asks in which layout oneDNN wants W [inputs, outputs] in bfloat16; the caller closes the
   * answer.
   */
  static MemoryDescription weightLayout(dnnl_engine engine, int inputs, int outputs) {
    try (MemoryDescription x =
            MemoryDescription.matrix(TYPICAL_ROWS, inputs, dnnl_bf16, inputs, 1);
        MemoryDescription y =
            MemoryDescription.matrix(TYPICAL_ROWS, outputs, dnnl_f32, outputs, 1);
        MemoryDescription any = MemoryDescription.any(inputs, outputs, dnnl_bf16)) {
      dnnl_primitive_desc product = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_matmul_primitive_desc_create(product, engine, x, any, null, y, null),
          "choosing the layout of a weight");
      try {
        return MemoryDescription.copy(
            dnnl_primitive_desc_query_md(product, dnnl_query_weights_md, 0));
      } finally {
        dnnl_primitive_desc_destroy(product);
      }
    }
  }

  /** Compiles {@code y = x w} or {@code y += x w}; its operands are x, w and y. */
  static Primitive compile(
      dnnl_engine engine, dnnl_memory_desc x, dnnl_memory_desc w, dnnl_memory_desc y, boolean add) {
    return compile(engine, x, w, y, 1, add);
  }

  /** Compiles {@code y = factor x w} or {@code y += factor x w}; its operands are x, w and y. */
  static Primitive compile(
      dnnl_engine engine,
      dnnl_memory_desc x,
      dnnl_memory_desc w,
      dnnl_memory_desc y,
      float factor,
      boolean add) {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    dnnl_post_ops after = new dnnl_post_ops();
    OneDnnLibrary.check(dnnl_primitive_attr_create(attributes), "making attributes");
    OneDnnLibrary.check(dnnl_post_ops_create(after), "making attributes");
    if (factor != 1) {
      OneDnnLibrary.check(
          dnnl_post_ops_append_eltwise(after, dnnl_eltwise_linear, factor, 0), "scaling a product");
    }
    if (add) {
      OneDnnLibrary.check(
          dnnl_post_ops_append_sum(after, 1, 0, dnnl_data_type_undef), "adding a product");
    }
    OneDnnLibrary.check(dnnl_primitive_attr_set_post_ops(attributes, after), "adding a product");
    dnnl_primitive_desc product = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_matmul_primitive_desc_create(product, engine, x, w, null, y, attributes),
        "describing a product");
    dnnl_post_ops_destroy(after);
    dnnl_primitive_attr_destroy(attributes);
    int[] arguments = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    return new Primitive(engine, product, arguments, x, w, y);
  }
}
