package io.github.lorascope.backend.cuda;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryScope;
import io.github.lorascope.tensor.Tensor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lists of rows, positions and offsets on a device. All layers of a pass ask for the same few, so
 * the last ones are kept and copied once a pass rather than once an operation, each of which would
 * hold up the kernels around it. Thread-safe.
 */
final class IndexLists implements AutoCloseable {
  private static final int KEPT = 8;

  /** Together at most 2 MB, which no account counts. */
  private static final int LONGEST = 1 << 16;

  private final Device device;
  private final DevicePool pool;
  private final Map<Values, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  IndexLists(Device device) {
    this.device = device;
    this.pool = new DevicePool(device, new MemoryAccount("lists of indices", Long.MAX_VALUE));
  }

  /** Compares lists by what they hold. */
  private record Values(int[] list) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Values values && Arrays.equals(list, values.list);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(list);
    }
  }

  private static final class Kept {
    private final MemoryScope memory;
    private final Tensor tensor;
    private int users;

    Kept(MemoryScope memory, Tensor tensor) {
      this.memory = memory;
      this.tensor = tensor;
    }
  }

  /**
   * Lends a list that is only read.
   *
   * @param scratch until when; what reads the list is asked for before that is closed
   */
  synchronized Tensor lend(int[] list, MemoryScope scratch) {
    Kept found = kept.get(new Values(list));
    if (found == null) {
      if (list.length > LONGEST || !makeRoom()) {
        return Transfer.ints(device, scratch, list);
      }
      found = copy(list);
      kept.put(new Values(list.clone()), found);
    }
    Kept lent = found;
    lent.users++;
    scratch.attach(() -> giveBack(lent));
    return lent.tensor;
  }

  private synchronized void giveBack(Kept lent) {
    lent.users--;
  }

  /** Drops the one that nobody uses and that was asked for the longest ago, if it must. */
  private boolean makeRoom() {
    if (kept.size() < KEPT) {
      return true;
    }
    for (Iterator<Kept> all = kept.values().iterator(); all.hasNext(); ) {
      Kept candidate = all.next();
      if (candidate.users == 0) {
        all.remove();
        candidate.memory.close(); // the device goes on to read it until the work asked for is done
        return true;
      }
    }
    return false;
  }

  private Kept copy(int[] list) {
    MemoryScope memory = new MemoryScope(pool, "a list of indices");
    try {
      return new Kept(memory, Transfer.ints(device, memory, list));
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** Frees all; the device must still be open. */
  @Override
  public synchronized void close() {
    kept.values().forEach(of -> of.memory.close());
    kept.clear();
  }
}
