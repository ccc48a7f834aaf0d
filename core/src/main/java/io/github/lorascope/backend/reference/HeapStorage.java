package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Storage;

/** Float32 numbers on the Java heap. */
record HeapStorage(float[] values) implements Storage {
  @Override
  public long size() {
    return values.length;
  }

  @Override
  public long bytes() {
    return 4L * values.length;
  }

  @Override
  public double get(long index) {
    return values[Math.toIntExact(index)];
  }

  @Override
  public void set(long index, double value) {
    values[Math.toIntExact(index)] = (float) value;
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    System.arraycopy(values, Math.toIntExact(index), target, offset, count);
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    System.arraycopy(source, offset, values, Math.toIntExact(index), count);
  }
}
