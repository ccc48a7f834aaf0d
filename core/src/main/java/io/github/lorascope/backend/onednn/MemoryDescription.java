package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_clone;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;

import org.bytedeco.dnnl.dnnl_memory_desc;

/** oneDNN's description of how an operand lies in memory, needed until what uses it is compiled. */
final class MemoryDescription extends dnnl_memory_desc {
  private MemoryDescription() {}

  /** A matrix. */
  static MemoryDescription matrix(
      long rows, long columns, int type, long rowStride, long columnStride) {
    return strided(type, new long[] {rows, columns}, rowStride, columnStride);
  }

  /** Numbers of float32, one behind the other. */
  static MemoryDescription line(long count) {
    return strided(dnnl_f32, new long[] {count}, 1);
  }

  /** Matrices of one size. */
  static MemoryDescription of(Layout layout) {
    return strided(
        layout.type(),
        new long[] {layout.count(), layout.rows(), layout.columns()},
        layout.matrixStride(),
        layout.rowStride(),
        layout.columnStride());
  }

  /** A matrix that oneDNN may lay out as it likes. */
  static MemoryDescription any(long rows, long columns, int type) {
    MemoryDescription made = new MemoryDescription();
    OneDnnLibrary.check(
        dnnl_memory_desc_create_with_tag(
            made, 2, new long[] {rows, columns}, type, dnnl_format_tag_any),
        "describing a weight");
    return made;
  }

  private static MemoryDescription strided(int type, long[] sizes, long... strides) {
    MemoryDescription made = new MemoryDescription();
    OneDnnLibrary.check(
        dnnl_memory_desc_create_with_strides(made, sizes.length, sizes, type, strides),
        "describing an operand");
    return made;
  }

  /** Copies what another owner will destroy. */
  static MemoryDescription copy(dnnl_memory_desc other) {
    MemoryDescription made = new MemoryDescription();
    OneDnnLibrary.check(dnnl_memory_desc_clone(made, other), "keeping a layout");
    return made;
  }

  @Override
  public void close() {
    dnnl_memory_desc_destroy(this);
  }
}
