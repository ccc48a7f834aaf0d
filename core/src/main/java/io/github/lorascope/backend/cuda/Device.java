package io.github.lorascope.backend.cuda;

import java.nio.ByteBuffer;

/**
 * What the backend needs of a GPU. Work is done in the order that it is asked for, copies included;
 * only a copy to the host waits until it is done. Thread-safe.
 */
interface Device extends AutoCloseable {
  /** Returns its name, architecture and memory, for a log. */
  String description();

  /** Returns how many bytes may be taken. */
  long memory();

  /**
   * Takes memory; what it holds is undefined.
   *
   * @return its address
   * @throws io.github.lorascope.tensor.MemoryCapException if there is not so much
   */
  long allocate(long bytes);

  /** Gives memory back once the work asked for before is done. Does not throw. */
  void free(long address);

  /** Copies bytes from position to limit to the device; the buffer may be used again at once. */
  void write(long address, ByteBuffer source);

  /** Copies bytes from the device until the buffer is full, after all work asked for before. */
  void read(long address, ByteBuffer target);

  /**
   * Runs a kernel.
   *
   * @param kernel its name in the sources
   * @param grid how many blocks of how many threads
   * @param sharedBytes shared memory of a block beyond what the kernel declares
   * @param arguments their bits, the lowest first, eight bytes each
   */
  void launch(String kernel, Grid grid, int sharedBytes, long[] arguments);

  /** Multiplies matrices, summing in float32. */
  void multiply(Product product);

  /** Gives back everything. Closing again does nothing. */
  @Override
  void close();
}
