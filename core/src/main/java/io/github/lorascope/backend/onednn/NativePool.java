package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.tensor.MemoryCapException;
import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.StoragePool;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Native memory by the block. Blocks that are given back are kept for the next training step, as
 * fresh ones cost a page fault every 4 KB; together with those in use they never pass the most that
 * was in use at once.
 */
final class NativePool implements StoragePool, AutoCloseable {
  private final MemoryAccount account;
  private final boolean narrow;
  private final TreeMap<Long, Deque<Block>> idle = new TreeMap<>();
  private long idleBytes;
  private boolean closed;

  /**
   * Makes an empty pool.
   *
   * @param account counts what is taken
   * @param narrow whether numbers that may be rounded to bfloat16 are kept as such
   */
  NativePool(MemoryAccount account, boolean narrow) {
    this.account = account;
    this.narrow = narrow;
  }

  @Override
  public Storage take(long size, String label) {
    return take(size, label, false);
  }

  @Override
  public Storage takeRounded(long size, String label) {
    return take(size, label, narrow);
  }

  private synchronized Storage take(long size, String label, boolean halves) {
    if (size > Block.LARGEST / NativeStorage.bytes(halves)) {
      throw new MemoryCapException(
          String.format(
              Locale.ROOT,
              "%s needs a matrix of %,d numbers; the onednn backend holds at most 2 GiB in one: use"
                  + " fewer or shorter pairs at once",
              label,
              size));
    }
    long bytes = roundedUp(size * NativeStorage.bytes(halves));
    Map.Entry<Long, Deque<Block>> fit = idle.ceilingEntry(bytes);
    long most = Math.min(bytes + bytes / 4, account.cap() - account.used());
    if (fit != null && fit.getKey() <= most) {
      return new NativeStorage(size, reuse(fit, bytes, label), halves);
    }
    makeRoom(bytes);
    account.take(bytes, label);
    Block block = Block.allocate(bytes);
    if (block == null) {
      drop(0);
      block = Block.allocate(bytes);
    }
    if (block == null) {
      account.give(bytes);
      throw new MemoryCapException(
          String.format(
              Locale.ROOT,
              "%s needs %,.1f MB, which the system does not give; %,.1f MB are held: use fewer or"
                  + " shorter pairs at once, or 4-bit weights",
              label,
              bytes / 1e6,
              account.used() / 1e6));
    }
    return new NativeStorage(size, block, halves);
  }

  @Override
  public synchronized void give(Storage storage) {
    NativeStorage given = (NativeStorage) storage;
    Block block = given.release();
    long bytes = roundedUp(given.size() * NativeStorage.bytes(given.narrow()));
    account.give(block.bytes(), block.bytes() - bytes);
    if (closed) {
      block.free();
      return;
    }
    idle.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).push(block);
    changeIdle(block.bytes());
  }

  @Override
  public MemoryAccount account() {
    return account;
  }

  synchronized long idleBytes() {
    return idleBytes;
  }

  /** Frees the idle blocks; what is still in use is freed when it is given back. */
  @Override
  public synchronized void close() {
    closed = true;
    drop(0);
  }

  /** Rounds up to an eighth of a power of two, so that sizes recur. */
  private static long roundedUp(long bytes) {
    long step = Math.max(64, Long.highestOneBit(Math.max(bytes, 1)) >> 4);
    return Math.min((bytes + step - 1) / step * step, Block.LARGEST);
  }

  /** Frees idle blocks in whose place so much other memory is to be counted. */
  synchronized void makeRoom(long bytes) {
    long used = account.used() + bytes;
    drop(Math.max(account.peak(), used) - used);
  }

  private void drop(long kept) {
    while (idleBytes > kept) {
      pop(idle.lastEntry()).free();
    }
  }

  private Block reuse(Map.Entry<Long, Deque<Block>> fit, long bytes, String label) {
    Block block = pop(fit);
    boolean done = false;
    try {
      account.take(block.bytes(), block.bytes() - bytes, label);
      done = true;
      return block;
    } finally {
      if (!done) {
        block.free();
      }
    }
  }

  private Block pop(Map.Entry<Long, Deque<Block>> fit) {
    Block block = fit.getValue().pop();
    if (fit.getValue().isEmpty()) {
      idle.remove(fit.getKey());
    }
    changeIdle(-block.bytes());
    return block;
  }

  private void changeIdle(long bytes) {
    idleBytes += bytes;
    account.idle(bytes);
  }
}
