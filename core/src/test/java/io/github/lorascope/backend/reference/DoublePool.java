package io.github.lorascope.backend.reference;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.StoragePool;
import java.util.Arrays;

/** Memory for double precision, filled with NaN so that a read before a write shows. */
record DoublePool(MemoryAccount account) implements StoragePool {
  @Override
  public Storage take(long size, String label) {
    account.take(8 * size, label);
    double[] values = new double[Math.toIntExact(size)];
    Arrays.fill(values, Double.NaN);
    return new DoubleStorage(values);
  }

  @Override
  public void give(Storage storage) {
    account.give(storage.bytes());
  }
}
