package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;

import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;

/**
 * A matrix [inputs, outputs] in bfloat16, in the layout that oneDNN chose, in panels of columns so
 * that threads can share out few rows too. Rows go in runs of a power of two: a product is compiled
 * for its number of rows, and batches have any.
 */
final class PackedMatrix implements FrozenMatrix {
  private static final int PANEL = 1024;
  private static final int MOST_ROWS = 256;

  private final int inputs;
  private final Panel[] panels;

  /** Some columns of the matrix. */
  private record Panel(MemoryDescription layout, Tensor memory, int columns) {}

  /** What a compiled product depends on; the layout of a panel follows from its size. */
  private record ProductKey(
      int rows, int inputs, int columns, int xStride, int yType, int yStride, boolean add) {}

  private PackedMatrix(int inputs, Panel[] panels) {
    this.inputs = inputs;
    this.panels = panels;
  }

  /**
   * Packs a weight.
   *
   * @param w the weight [outputs, inputs] in float32
   * @param transposed whether rows will be multiplied with W^T, as the forward pass does
   * @param workers who packs
   * @param owner frees it
   */
  static PackedMatrix pack(Tensor w, boolean transposed, Workers workers, MemoryScope owner) {
    OneDnnLibrary library = OneDnnLibrary.get();
    int inputs = transposed ? w.columns() : w.rows();
    int outputs = transposed ? w.rows() : w.columns();
    Panel[] panels = new Panel[Split.parts(outputs, PANEL)];
    for (int i = 0; i < panels.length; i++) {
      int columns = Math.min(PANEL, outputs - i * PANEL);
      MemoryDescription chosen = Matmul.weightLayout(library.engine(), inputs, columns);
      owner.attach(chosen);
      long floats = (dnnl_memory_desc_get_size(chosen) + Float.BYTES - 1) / Float.BYTES;
      panels[i] = new Panel(chosen, owner.tensor(1, Math.toIntExact(floats)), columns);
    }
    workers.run(
        panels.length,
        (slot, i) -> {
          int from = i * PANEL;
          int to = from + panels[i].columns();
          Tensor part = transposed ? w.rows(from, to) : w.columns(from, to);
          try (MemoryDescription plain =
                  transposed
                      ? MemoryDescription.matrix(inputs, to - from, dnnl_f32, 1, w.stride())
                      : MemoryDescription.matrix(inputs, to - from, dnnl_f32, w.stride(), 1);
              Primitive packing = Primitive.reorder(slot.engine(), plain, panels[i].layout())) {
            packing.run(
                slot.stream(),
                NativeStorage.floats(part),
                NativeStorage.floats(panels[i].memory()));
          }
        });
    return new PackedMatrix(inputs, panels);
  }

  @Override
  public int unit() {
    return PANEL;
  }

  @Override
  public long scratch(Tensor x, int rows) {
    return ready(x)
        ? 0
        : Slot.scratchSize(Math.min(step(), rows), Split.up(inputs, Bf16Rows.AMX_ROW));
  }

  /**
   * Tells whether rows are multiplied as they are. They must begin where a cache line does, as
   * oneDNN is two to three times slower with others.
   */
  private boolean ready(Tensor x) {
    return NativeStorage.narrow(x)
        && Bf16Rows.filled(inputs) == inputs
        && x.stride() % Bf16Rows.AMX_ROW == 0
        && x.offset() % Bf16Rows.AMX_ROW == 0;
  }

  /** Returns how many rows are converted at once. */
  private int step() {
    return Split.up(Bf16Rows.step(inputs), MOST_ROWS);
  }

  @Override
  public void multiply(Slot slot, Tensor x, int from, int to, boolean add, Tensor y) {
    if (x.columns() != inputs || y.columns() != to - from || y.rows() != x.rows()) {
      throw new IllegalArgumentException(
          x + " and a weight of " + inputs + " inputs do not multiply to " + y);
    }
    boolean ready = ready(x);
    int step = ready ? Math.max(1, x.rows()) : step();
    Tensor stage = ready ? null : stage(slot, Math.min(step, x.rows()));
    for (int row = 0; row < x.rows(); row += step) {
      int end = Math.min(x.rows(), row + step);
      Tensor part = x.rows(row, end);
      if (!ready) {
        Tensor staged = stage.rows(0, end - row);
        convert(slot, part, staged);
        part = staged;
      }
      for (int panel = from / PANEL; panel * PANEL < to; panel++) {
        int column = panel * PANEL - from;
        Tensor result = y.rows(row, end).columns(column, column + panels[panel].columns());
        product(slot, part, panels[panel], add, result);
      }
    }
  }

  private Tensor stage(Slot slot, int rows) {
    Tensor stage = slot.halves(rows, Split.up(inputs, Bf16Rows.AMX_ROW));
    if (Bf16Rows.filled(inputs) != inputs) {
      stage.fill(0);
    }
    return stage.columns(0, inputs);
  }

  private static void convert(Slot slot, Tensor x, Tensor stage) {
    int rows;
    for (int row = 0; row < x.rows(); row += rows) {
      rows = Split.run(x.rows() - row, MOST_ROWS);
      DenseRows.copy(slot, x.rows(row, row + rows), stage.rows(row, row + rows));
    }
  }

  private void product(Slot slot, Tensor x, Panel panel, boolean add, Tensor y) {
    int yType = NativeStorage.type(y);
    int rows;
    for (int row = 0; row < x.rows(); row += rows) {
      rows = Split.run(x.rows() - row, MOST_ROWS);
      int count = rows;
      ProductKey key =
          new ProductKey(count, inputs, panel.columns(), x.stride(), yType, y.stride(), add);
      Primitive matmul =
          slot.primitives()
              .get(
                  key,
                  () -> {
                    try (MemoryDescription from =
                            MemoryDescription.matrix(count, inputs, dnnl_bf16, key.xStride, 1);
                        MemoryDescription to =
                            MemoryDescription.matrix(
                                count, panel.columns(), yType, key.yStride, 1)) {
                      return Matmul.compile(slot.engine(), from, panel.layout(), to, add);
                    }
                  });
      matmul.run(
          slot.stream(),
          NativeStorage.address(x.rows(row, row + rows)),
          NativeStorage.address(panel.memory()),
          NativeStorage.address(y.rows(row, row + rows)));
    }
  }
}
