package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.Tensor;
import java.util.Objects;

/** Numbers in native memory. Any use after its scope was closed is refused. */
final class NativeStorage implements Storage {
  private final long size;
  private final long bytes;
  private final boolean rounded;
  private volatile Block block;

  NativeStorage(long size, Block block, boolean rounded) {
    this.size = size;
    this.bytes = block.bytes();
    this.rounded = rounded;
    this.block = block;
  }

  /** Finds where a tensor of this backend lies. */
  static long address(Tensor tensor) {
    return of(tensor).address(tensor.offset());
  }

  static NativeStorage of(Tensor tensor) {
    if (tensor.storage() instanceof NativeStorage storage) {
      return storage;
    }
    throw new IllegalArgumentException(tensor + " belongs to another backend");
  }

  /** Lets go of the memory, once. */
  Block release() {
    Block released = block();
    block = null;
    return released;
  }

  /** Tells whether the numbers may be rounded to bfloat16 before they are computed with. */
  boolean rounded() {
    return rounded;
  }

  long address(long index) {
    Objects.checkIndex(index, size + 1);
    return block().address() + index * Float.BYTES;
  }

  /** Copies numbers out as their bits. */
  void readBits(long index, int[] target, int count) {
    check(index, count);
    block().bits().get((int) index, target, 0, count);
  }

  /** Copies numbers in, given as their bits. */
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
    return block().floats().get((int) index);
  }

  @Override
  public void set(long index, double value) {
    check(index, 1);
    block().floats().put((int) index, (float) value);
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    check(index, count);
    block().floats().get((int) index, target, offset, count);
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    check(index, count);
    block().floats().put((int) index, source, offset, count);
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
