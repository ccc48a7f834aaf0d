package io.github.lorascope.backend.cuda;

import java.nio.ByteBuffer;

/** A device that does nothing, for tests of what is asked of one. What is read has all bits set. */
class IdleDevice implements Device {
  private long next = 256;

  @Override
  public String description() {
    return "nothing";
  }

  @Override
  public long memory() {
    return Long.MAX_VALUE;
  }

  @Override
  public long allocate(long bytes) {
    next += bytes;
    return next - bytes;
  }

  @Override
  public void free(long address) {}

  @Override
  public void write(long address, ByteBuffer source) {}

  @Override
  public void read(long address, ByteBuffer target) {
    while (target.hasRemaining()) {
      target.put((byte) -1);
    }
  }

  @Override
  public void launch(String kernel, Grid grid, int sharedBytes, long[] arguments) {}

  @Override
  public void multiply(Product product) {}

  @Override
  public void close() {}
}
