package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;

import org.bytedeco.dnnl.dnnl_memory_desc;

/** Products of matrices in pairs, {@code c = factor a b} or {@code c += a b}. */
final class BatchedProduct {
  private BatchedProduct() {}

  /** What a compiled product depends on. */
  private record Key(Layout a, Layout b, Layout c, float factor, boolean add) {}

  /** {@code c = factor a b}. */
  static void times(Slot slot, double factor, HeadMatrices a, HeadMatrices b, HeadMatrices c) {
    run(slot, (float) factor, a, b, false, c);
  }

  /** {@code c += a b}. */
  static void add(Slot slot, HeadMatrices a, HeadMatrices b, HeadMatrices c) {
    run(slot, 1, a, b, true, c);
  }

  private static void run(
      Slot slot, float factor, HeadMatrices a, HeadMatrices b, boolean add, HeadMatrices c) {
    slot.primitives()
        .get(
            new Key(a.layout(), b.layout(), c.layout(), factor, add),
            () -> {
              dnnl_memory_desc left = a.layout().describe();
              dnnl_memory_desc right = b.layout().describe();
              dnnl_memory_desc result = c.layout().describe();
              Primitive made = Matmul.compile(slot.engine(), left, right, result, factor, add);
              dnnl_memory_desc_destroy(left);
              dnnl_memory_desc_destroy(right);
              dnnl_memory_desc_destroy(result);
              return made;
            })
        .run(slot.stream(), a.address(), b.address(), c.address());
  }
}
