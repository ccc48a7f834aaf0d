package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_in_order;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;

/** What one of the {@link Workers} computes with; no two threads use it at once. */
final class Slot implements AutoCloseable {
  private static final int ALIGNMENT = 16;

  private final dnnl_engine engine;
  private final dnnl_stream stream = new dnnl_stream();
  private final PrimitiveCache primitives = new PrimitiveCache();
  private final Products products = new Products(this);
  private float[][] lines = new float[0][];
  private int[] bits = new int[0];
  private Storage lent;
  private NativeStorage halves;
  private long taken;

  Slot(dnnl_engine engine) {
    this.engine = engine;
    OneDnnLibrary.check(dnnl_stream_create(stream, engine, dnnl_stream_in_order), "starting");
  }

  dnnl_engine engine() {
    return engine;
  }

  dnnl_stream stream() {
    return stream;
  }

  PrimitiveCache primitives() {
    return primitives;
  }

  Products products() {
    return products;
  }

  /**
   * Returns a row of numbers on the heap, whose contents are undefined.
   *
   * @param index tells it from the other rows in use
   * @param length how many numbers it must hold at least
   */
  float[] line(int index, int length) {
    if (index >= lines.length) {
      lines = Arrays.copyOf(lines, index + 1);
    }
    if (lines[index] == null || lines[index].length < length) {
      lines[index] = new float[length];
    }
    return lines[index];
  }

  /** Returns a row of numbers on the heap, as their bits, whose contents are undefined. */
  int[] bits(int length) {
    if (bits.length < length) {
      bits = new int[length];
    }
    return bits;
  }

  /** Returns how much scratch memory a matrix takes. */
  static long scratchSize(long rows, long columns) {
    return (rows * columns + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Sets the memory that {@link #scratch} divides. */
  void lend(Storage memory) {
    lent = memory;
    halves = memory == null ? null : ((NativeStorage) memory).halves();
    taken = 0;
  }

  /** Takes back all matrices that {@link #scratch} gave. */
  void reset() {
    taken = 0;
  }

  /** Tells how much of the lent memory is in use. */
  long taken() {
    return taken;
  }

  /** Takes back the matrices that {@link #scratch} gave since so much was in use. */
  void reset(long before) {
    taken = before;
  }

  /** Returns a matrix in the memory that was lent for the operation; it lasts for one task. */
  Tensor scratch(int rows, int columns) {
    Tensor matrix = Tensor.of(lent, taken, rows, columns);
    taken += scratchSize(rows, columns);
    return matrix;
  }

  /**
   * Returns a matrix in bfloat16 in the memory that was lent; it takes as much as half as many
   * numbers in float32.
   */
  Tensor halves(int rows, int columns) {
    Tensor matrix = Tensor.of(halves, 2 * taken, rows, columns);
    taken += scratchSize(1, Split.parts(Math.multiplyExact(rows, columns), 2));
    return matrix;
  }

  @Override
  public void close() {
    primitives.close();
    dnnl_stream_destroy(stream);
  }
}
