package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.Tensor;
import io.github.lorascope.weights.Bfloat16;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;

/**
 * Numbers in native memory, in float32 or, narrow, in bfloat16. Any use after its scope was closed
 * is refused.
 */
final class NativeStorage implements Storage {
  private final long size;
  private final long bytes;
  private final boolean narrow;
  private volatile Block block;

  NativeStorage(long size, Block block, boolean narrow) {
    this.size = size;
    this.bytes = block.bytes();
    this.narrow = narrow;
    this.block = block;
  }

  /** Finds where a tensor of this backend lies. */
  static long address(Tensor tensor) {
    return of(tensor).address(tensor.offset());
  }

  /** Finds where a tensor of float32 lies. */
  static long floats(Tensor tensor) {
    NativeStorage storage = of(tensor);
    if (storage.narrow) {
      throw new IllegalArgumentException(tensor + " is in bfloat16, not in float32");
    }
    return storage.address(tensor.offset());
  }

  static NativeStorage of(Tensor tensor) {
    if (tensor.storage() instanceof NativeStorage storage) {
      return storage;
    }
    throw new IllegalArgumentException(tensor + " belongs to another backend");
  }

  /** Returns oneDNN's type of a tensor's numbers. */
  static int type(Tensor tensor) {
    return narrow(tensor) ? dnnl_bf16 : dnnl_f32;
  }

  /** Tells whether a tensor is in bfloat16. */
  static boolean narrow(Tensor tensor) {
    return of(tensor).narrow;
  }

  /** The bytes of a number. */
  static int bytes(boolean narrow) {
    return narrow ? Short.BYTES : Float.BYTES;
  }

  /** Copies a row to one of the same length and type. */
  static void copyRow(Tensor x, int from, Tensor y, int to) {
    NativeStorage source = of(x);
    NativeStorage target = of(y);
    Pointer.memcpy(
        new Address().at(target.address(y.offset(to))),
        new Address().at(source.address(x.offset(from))),
        (long) y.columns() * bytes(target.narrow));
  }

  /** Lets go of the memory, once. */
  Block release() {
    Block released = block();
    block = null;
    return released;
  }

  /** The same memory as twice as many numbers in bfloat16, as long as this storage has it. */
  NativeStorage halves() {
    return new NativeStorage(2 * size, block(), true);
  }

  boolean narrow() {
    return narrow;
  }

  long address(long index) {
    Objects.checkIndex(index, size + 1);
    return block().address() + index * bytes(narrow);
  }

  /** Copies float32 out as their bits. */
  void readBits(long index, int[] target, int count) {
    check(index, count);
    block().bits().get((int) index, target, 0, count);
  }

  /** Copies float32 in, given as their bits. */
  void writeBits(long index, int[] source, int count) {
    check(index, count);
    block().bits().put((int) index, source, 0, count);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public double get(long index) {
    check(index, 1);
    return narrow
        ? Bfloat16.fromBits(block().halves().get((int) index))
        : block().floats().get((int) index);
  }

  @Override
  public void set(long index, double value) {
    check(index, 1);
    if (narrow) {
      block().halves().put((int) index, Bfloat16.toBits((float) value));
    } else {
      block().floats().put((int) index, (float) value);
    }
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    check(index, count);
    if (!narrow) {
      block().floats().get((int) index, target, offset, count);
      return;
    }
    short[] halves = new short[count];
    block().halves().get((int) index, halves);
    for (int i = 0; i < count; i++) {
      target[offset + i] = Bfloat16.fromBits(halves[i]);
    }
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    check(index, count);
    if (!narrow) {
      block().floats().put((int) index, source, offset, count);
      return;
    }
    short[] halves = new short[count];
    for (int i = 0; i < count; i++) {
      halves[i] = Bfloat16.toBits(source[offset + i]);
    }
    block().halves().put((int) index, halves);
  }

  @Override
  public void fill(long index, long count, float value) {
    if (Float.floatToRawIntBits(value) != 0) {
      Storage.super.fill(index, count, value);
      return;
    }
    Objects.checkFromIndexSize(index, count, size);
    Pointer.memset(new Address().at(address(index)), 0, count * bytes(narrow));
  }

  private void check(long index, int count) {
    Objects.checkFromIndexSize(index, (long) count, size);
  }

  private Block block() {
    Block current = block;
    if (current == null) {
      throw new IllegalStateException("a tensor is used after its memory scope was closed");
    }
    return current;
  }
}
