package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_swish;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Functions of every number of matrices without gaps. The result may be one of the operands. */
final class Elementwise {
  private static final int[] UNARY = {DNNL_ARG_SRC, DNNL_ARG_DST};
  private static final int[] BINARY = {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST};
  private static final int[] GRADIENT = {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC};

  /** The function. */
  private enum Function {
    SWISH,
    SWISH_BACKWARD,
    ADD,
    MULTIPLY
  }

  /** What a compiled function depends on. */
  private record Key(Function function, int count) {}

  private Elementwise() {}

  /** y = x s(x), with s the logistic function. */
  static void swish(Slot slot, Tensor x, Tensor y) {
    get(slot, Function.SWISH, x)
        .run(slot.stream(), NativeStorage.address(x), NativeStorage.address(y));
  }

  /** dx = dy s(x) (1 + x (1 - s(x))). */
  static void swishBackward(Slot slot, Tensor x, Tensor dy, Tensor dx) {
    run(slot, Function.SWISH_BACKWARD, x, dy, dx);
  }

  /** z = x + y. */
  static void add(Slot slot, Tensor x, Tensor y, Tensor z) {
    run(slot, Function.ADD, x, y, z);
  }

  /** z = x y. */
  static void multiply(Slot slot, Tensor x, Tensor y, Tensor z) {
    run(slot, Function.MULTIPLY, x, y, z);
  }

  private static void run(Slot slot, Function function, Tensor x, Tensor y, Tensor z) {
    get(slot, function, x)
        .run(
            slot.stream(),
            NativeStorage.address(x),
            NativeStorage.address(y),
            NativeStorage.address(z));
  }

  private static Primitive get(Slot slot, Function function, Tensor shape) {
    int count = Math.multiplyExact(shape.rows(), shape.columns());
    return slot.primitives().get(new Key(function, count), () -> compile(slot, function, count));
  }

  private static Primitive compile(Slot slot, Function function, int count) {
    dnnl_memory_desc all = Primitive.matrix(1, count, dnnl_f32, count, 1);
    try {
      return switch (function) {
        case SWISH -> new Primitive(slot.engine(), swish(slot, all), UNARY, all, all);
        case SWISH_BACKWARD -> swishBackward(slot, all);
        case ADD -> binary(slot, dnnl_binary_add, all);
        case MULTIPLY -> binary(slot, dnnl_binary_mul, all);
      };
    } finally {
      dnnl_memory_desc_destroy(all);
    }
  }

  private static dnnl_primitive_desc swish(Slot slot, dnnl_memory_desc all) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_eltwise_forward_primitive_desc_create(
            description,
            slot.engine(),
            dnnl_forward_training,
            dnnl_eltwise_swish,
            all,
            all,
            1,
            0,
            null),
        "describing a swish");
    return description;
  }

  private static Primitive swishBackward(Slot slot, dnnl_memory_desc all) {
    dnnl_primitive_desc forward = swish(slot, all);
    try {
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_eltwise_backward_primitive_desc_create(
              description, slot.engine(), dnnl_eltwise_swish, all, all, all, 1, 0, forward, null),
          "describing the gradient of a swish");
      return new Primitive(slot.engine(), description, GRADIENT, all, all, all);
    } finally {
      dnnl_primitive_desc_destroy(forward);
    }
  }

  private static Primitive binary(Slot slot, int operation, dnnl_memory_desc all) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_binary_primitive_desc_create(
            description, slot.engine(), operation, all, all, all, null),
        "describing a sum or product");
    return new Primitive(slot.engine(), description, BINARY, all, all, all);
  }
}
