package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.StoragePool;

/** Device memory, counted. The device keeps what is given back for the next who asks. */
final class DevicePool implements StoragePool {
  private final Device device;
  private final MemoryAccount account;

  DevicePool(Device device, MemoryAccount account) {
    this.device = device;
    this.account = account;
  }

  @Override
  public Storage take(long size, String label) {
    return take(NumberType.F32, size, label);
  }

  @Override
  public Storage takeRounded(long size, String label) {
    return take(NumberType.BF16, size, label);
  }

  private Storage take(NumberType type, long size, String label) {
    long bytes = Math.multiplyExact(size, type.bytes());
    account.take(bytes, label);
    boolean done = false;
    try {
      // Even an empty tensor has an address that is its own.
      DeviceStorage storage =
          new DeviceStorage(device, type, size, device.allocate(Math.max(bytes, Float.BYTES)));
      done = true;
      return storage;
    } finally {
      if (!done) {
        account.give(bytes);
      }
    }
  }

  @Override
  public void give(Storage storage) {
    device.free(((DeviceStorage) storage).release());
    account.give(storage.bytes());
  }

  @Override
  public MemoryAccount account() {
    return account;
  }
}
