package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Storage;

/** Float32 numbers on the Java heap. Any use after its scope was closed is refused. */
final class HeapStorage implements Storage {
  private final int size;
  private volatile float[] values;

  HeapStorage(float[] values) {
    this.size = values.length;
    this.values = values;
  }

  /** Lets go of the memory. */
  void release() {
    values = null;
  }

  private float[] values() {
    float[] held = values;
    if (held == null) {
      throw new IllegalStateException("the tensor is used after its scope was closed");
    }
    return held;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long bytes() {
    return 4L * size;
  }

  @Override
  public double get(long index) {
    return values()[Math.toIntExact(index)];
  }

  @Override
  public void set(long index, double value) {
    values()[Math.toIntExact(index)] = (float) value;
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    System.arraycopy(values(), Math.toIntExact(index), target, offset, count);
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    System.arraycopy(source, offset, values(), Math.toIntExact(index), count);
  }
}
