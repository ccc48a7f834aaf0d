package io.github.lorascope.weights;

import io.github.lorascope.tensor.MemoryCapException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory outside the heap for what a weight is converted to. */
final class OffHeap {
  private OffHeap() {}

  /**
   * Takes memory, little-endian, which goes back once nothing reads it any more.
   *
   * @param name the weight, for messages
   * @param bytes how much
   * @throws MemoryCapException if Java does not give so much
   * @throws WeightException if one piece of memory cannot be so large
   */
  static ByteBuffer allocate(String name, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new WeightException(
          name + " would take " + bytes + " bytes where 2147483647 are the most; use fewer bits");
    }
    try {
      return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      throw new MemoryCapException(
          name
              + " needs "
              + bytes
              + " bytes outside the heap, of which Java gives no more ("
              + e.getMessage()
              + "): raise -XX:MaxDirectMemorySize, which is as large as the heap unless given,"
              + " or use fewer bits");
    }
  }
}
