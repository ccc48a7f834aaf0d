package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;

/** Copies of matrices to where they lie in another way, or are of another type. */
final class LayoutCopy {
  private LayoutCopy() {}

  /** What a compiled copy depends on. */
  private record Key(Layout from, Layout to) {}

  /** Copies what begins at one address to another. */
  static void run(Slot slot, Layout from, long fromAt, Layout to, long toAt) {
    boolean pairs = inPairs(from, fromAt) && inPairs(to, toAt);
    Key key = pairs ? new Key(from.pairs(), to.pairs()) : new Key(from, to);
    slot.primitives()
        .get(
            key,
            () -> {
              try (MemoryDescription source = MemoryDescription.of(key.from);
                  MemoryDescription target = MemoryDescription.of(key.to)) {
                return Primitive.reorder(slot.engine(), source, target);
              }
            })
        .run(slot.stream(), fromAt, toAt);
  }

  /** Tells whether numbers can be moved two at a time, which oneDNN takes half as long for. */
  private static boolean inPairs(Layout layout, long address) {
    return layout.type() == dnnl_bf16 && layout.pairable() && address % Integer.BYTES == 0;
  }
}
