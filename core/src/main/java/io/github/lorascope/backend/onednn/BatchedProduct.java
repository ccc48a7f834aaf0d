package io.github.lorascope.backend.onednn;

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
              try (MemoryDescription left = MemoryDescription.of(a.layout());
                  MemoryDescription right = MemoryDescription.of(b.layout());
                  MemoryDescription result = MemoryDescription.of(c.layout())) {
                return Matmul.compile(slot.engine(), left, right, result, factor, add);
              }
            })
        .run(slot.stream(), a.address(), b.address(), c.address());
  }
}
