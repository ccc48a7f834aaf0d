package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.Storage;

/** Double precision numbers: what a formula is checked in. */
record DoubleStorage(double[] values) implements Storage {
  @Override
  public long size() {
    return values.length;
  }

  @Override
  public long bytes() {
    return 8L * values.length;
  }

  @Override
  public double get(long index) {
    return values[Math.toIntExact(index)];
  }

  @Override
  public void set(long index, double value) {
    values[Math.toIntExact(index)] = value;
  }

  @Override
  public void read(long index, float[] target, int offset, int count) {
    for (int i = 0; i < count; i++) {
      target[offset + i] = (float) get(index + i);
    }
  }

  @Override
  public void write(long index, float[] source, int offset, int count) {
    for (int i = 0; i < count; i++) {
      set(index + i, source[offset + i]);
    }
  }
}
