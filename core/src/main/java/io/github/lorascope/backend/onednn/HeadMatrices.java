package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;

import io.github.lorascope.tensor.Tensor;
import org.bytedeco.javacpp.Pointer;

/**
 * Matrices of one size, such as one a head, one behind the other in scratch memory; in the tensors
 * of a pass the heads stand side by side.
 *
 * @param memory where they lie
 * @param layout how
 * @param address of the first number of the first of them
 */
record HeadMatrices(Tensor memory, Layout layout, long address) {
  /** Rows that are copied at once at most. */
  private static final int MOST_ROWS = 256;

  /** Takes scratch memory for matrices. */
  static HeadMatrices in(Slot slot, int type, int count, int rows, int columns) {
    Layout layout = Layout.dense(type, count, rows, columns);
    Tensor memory = slot.scratch(1, Math.toIntExact(floats(layout)));
    return new HeadMatrices(memory, layout, NativeStorage.address(memory));
  }

  /** Returns how much scratch memory matrices take. */
  static long scratch(int type, int count, int rows, int columns) {
    return Slot.scratchSize(1, floats(Layout.dense(type, count, rows, columns)));
  }

  private static long floats(Layout layout) {
    return (bytes(layout) + Float.BYTES - 1) / Float.BYTES;
  }

  private static long bytes(Layout layout) {
    return layout.count() * layout.matrixStride() * bytes(layout.type());
  }

  private static int bytes(int type) {
    return type == dnnl_bf16 ? Short.BYTES : Float.BYTES;
  }

  /** The same numbers, with as many matrices as given of more rows each. */
  HeadMatrices stacked(int count) {
    int rows = layout.count() / count * layout.rows();
    Layout together = Layout.dense(layout.type(), count, rows, layout.columns());
    return new HeadMatrices(memory, together, address);
  }

  /** Some rows of each. */
  HeadMatrices rows(int first, int count) {
    Layout part =
        new Layout(
            layout.type(),
            layout.count(),
            count,
            layout.columns(),
            layout.matrixStride(),
            layout.rowStride(),
            layout.columnStride());
    return new HeadMatrices(memory, part, at(first));
  }

  HeadMatrices transposed() {
    return new HeadMatrices(memory, layout.transposed(), address);
  }

  /** Views float32 without gaps as one matrix. */
  Tensor matrix() {
    int rows = layout.count() * layout.rows();
    return Tensor.of(memory.storage(), memory.offset(), rows, layout.columns());
  }

  void clear() {
    Pointer.memset(new Address().at(address), 0, bytes(layout));
  }

  /** Fills the first rows of each with what stands side by side in x, and the others with zeros. */
  void gather(Slot slot, Tensor x) {
    if (x.rows() < layout.rows()) {
      clear();
    }
    copy(slot, x, true);
  }

  /** Copies the first rows of each to where they stand side by side. */
  void scatter(Slot slot, Tensor y) {
    copy(slot, y, false);
  }

  private void copy(Slot slot, Tensor x, boolean in) {
    int rows;
    for (int row = 0; row < x.rows(); row += rows) {
      rows = Split.run(x.rows() - row, MOST_ROWS);
      int width = layout.columns();
      Layout side =
          new Layout(NativeStorage.type(x), layout.count(), rows, width, width, x.stride(), 1);
      long sideAt = NativeStorage.address(x.rows(row, row + rows));
      Layout own = rows(row, rows).layout();
      if (in) {
        LayoutCopy.run(slot, side, sideAt, own, at(row));
      } else {
        LayoutCopy.run(slot, own, at(row), side, sideAt);
      }
    }
  }

  /** Fills them with the numbers of others of the same size. */
  void take(Slot slot, HeadMatrices other) {
    LayoutCopy.run(slot, other.layout(), other.address(), layout, address);
  }

  private long at(int row) {
    return address + row * layout.rowStride() * bytes(layout.type());
  }
}
