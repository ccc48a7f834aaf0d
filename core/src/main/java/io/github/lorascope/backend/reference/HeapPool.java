package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.StoragePool;
import java.util.Arrays;

/** Memory on the Java heap, filled with NaN so that a read before a write shows. */
record HeapPool(MemoryAccount account) implements StoragePool {
  @Override
  public Storage take(long size, String label) {
    if (size > Integer.MAX_VALUE - 8) {
      throw new MemoryCapException(
          label
              + " needs a matrix of "
              + size
              + " numbers, more than a Java array holds: use fewer pairs at once");
    }
    account.take(4 * size, label);
    try {
      float[] values = new float[(int) size];
      Arrays.fill(values, Float.NaN);
      return new HeapStorage(values);
    } catch (OutOfMemoryError e) {
      account.give(4 * size);
      throw new MemoryCapException(
          label
              + " needs "
              + 4 * size
              + " bytes, which the Java heap does not have:"
              + " use fewer or shorter pairs at once, or a larger heap");
    }
  }

  @Override
  public void give(Storage storage) {
    ((HeapStorage) storage).release();
    account.give(storage.bytes());
  }
}
