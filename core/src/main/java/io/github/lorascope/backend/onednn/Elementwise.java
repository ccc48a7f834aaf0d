package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_max;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_swish;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_binary;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_append_eltwise;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_post_ops_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_attr_set_post_ops;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * Functions of every number of matrices without gaps. The result may be one of the operands. oneDNN
 * is fast where the first operand and the result are of one type.
 */
final class Elementwise {
  private static final int[] BINARY = {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST};
  private static final int[] SWISH = {
    DNNL_ARG_SRC_0,
    DNNL_ARG_SRC_1,
    2 * DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1, // of the second post-operation
    DNNL_ARG_DST
  };
  private static final int[] GRADIENT = {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC};

  /** The function. */
  private enum Function {
    SWISH_TIMES,
    SWISH_BACKWARD,
    ADD,
    MULTIPLY
  }

  /** What a compiled function depends on. */
  private record Key(Function function, int count, int typeX, int typeY, int typeZ) {}

  private Elementwise() {}

  /** z = x s(x) y, with s the logistic function. */
  static void swishTimes(Slot slot, Tensor x, Tensor y, Tensor z) {
    get(slot, Function.SWISH_TIMES, x, y, z)
        .run(
            slot.stream(),
            NativeStorage.address(x),
            NativeStorage.address(x),
            NativeStorage.address(y),
            NativeStorage.address(z));
  }

  /** dx = dy s(x) (1 + x (1 - s(x))); all of one type. */
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
    get(slot, function, x, y, z)
        .run(
            slot.stream(),
            NativeStorage.address(x),
            NativeStorage.address(y),
            NativeStorage.address(z));
  }

  private static Primitive get(Slot slot, Function function, Tensor x, Tensor y, Tensor z) {
    Key key =
        new Key(
            function,
            Math.multiplyExact(x.rows(), x.columns()),
            NativeStorage.type(x),
            NativeStorage.type(y),
            NativeStorage.type(z));
    return slot.primitives().get(key, () -> compile(slot, key));
  }

  private static Primitive compile(Slot slot, Key key) {
    try (MemoryDescription x = line(key.count, key.typeX);
        MemoryDescription y = line(key.count, key.typeY);
        MemoryDescription z = line(key.count, key.typeZ)) {
      return switch (key.function) {
        case SWISH_TIMES -> swishTimes(slot, x, y, z);
        case SWISH_BACKWARD -> swishBackward(slot, x, y, z);
        case ADD -> new Primitive(slot.engine(), add(slot, x, y, z), BINARY, x, y, z);
        case MULTIPLY -> new Primitive(slot.engine(), multiply(slot, x, y, z), BINARY, x, y, z);
      };
    }
  }

  private static MemoryDescription line(int count, int type) {
    return MemoryDescription.matrix(1, count, type, count, 1);
  }

  private static dnnl_primitive_desc add(
      Slot slot, dnnl_memory_desc x, dnnl_memory_desc y, dnnl_memory_desc z) {
    return binary(slot, dnnl_binary_add, x, y, z, null);
  }

  private static dnnl_primitive_desc multiply(
      Slot slot, dnnl_memory_desc x, dnnl_memory_desc y, dnnl_memory_desc z) {
    return binary(slot, dnnl_binary_mul, x, y, z, null);
  }

  /**
   * oneDNN's own swish takes one operand and is slow with more behind it; here the larger of x and
   * x goes through swish and is multiplied, in float32, in one pass.
   */
  private static Primitive swishTimes(
      Slot slot, dnnl_memory_desc x, dnnl_memory_desc y, dnnl_memory_desc z) {
    dnnl_primitive_attr attributes = new dnnl_primitive_attr();
    dnnl_post_ops after = new dnnl_post_ops();
    OneDnnLibrary.check(dnnl_primitive_attr_create(attributes), "making attributes");
    OneDnnLibrary.check(dnnl_post_ops_create(after), "making attributes");
    OneDnnLibrary.check(
        dnnl_post_ops_append_eltwise(after, dnnl_eltwise_swish, 1, 0), "adding a swish");
    OneDnnLibrary.check(dnnl_post_ops_append_binary(after, dnnl_binary_mul, y), "adding a product");
    OneDnnLibrary.check(dnnl_primitive_attr_set_post_ops(attributes, after), "adding a swish");
    try {
      dnnl_primitive_desc description = binary(slot, dnnl_binary_max, x, x, z, attributes);
      return new Primitive(slot.engine(), description, SWISH, x, x, y, z);
    } finally {
      dnnl_post_ops_destroy(after);
      dnnl_primitive_attr_destroy(attributes);
    }
  }

  private static Primitive swishBackward(
      Slot slot, dnnl_memory_desc x, dnnl_memory_desc dy, dnnl_memory_desc dx) {
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_eltwise_forward_primitive_desc_create(
            forward, slot.engine(), dnnl_forward_training, dnnl_eltwise_swish, x, x, 1, 0, null),
        "describing a swish");
    try {
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      OneDnnLibrary.check(
          dnnl_eltwise_backward_primitive_desc_create(
              description, slot.engine(), dnnl_eltwise_swish, dx, dy, x, 1, 0, forward, null),
          "describing the gradient of a swish");
      return new Primitive(slot.engine(), description, GRADIENT, x, dy, dx);
    } finally {
      dnnl_primitive_desc_destroy(forward);
    }
  }

  private static dnnl_primitive_desc binary(
      Slot slot,
      int operation,
      dnnl_memory_desc x,
      dnnl_memory_desc y,
      dnnl_memory_desc z,
      dnnl_primitive_attr attributes) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_binary_primitive_desc_create(
            description, slot.engine(), operation, x, y, z, attributes),
        "describing a sum or product");
    return description;
  }
}
