package io.github.lorascope.backend.onednn;

import io.github.lorascope.tensor.Storage;
import io.github.lorascope.tensor.StoragePool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * The threads that share out an operation: the calling one and, beside it, helpers that wait for
 * the next. Callers take turns, so that a {@link Slot} has one user at a time. A task's result must
 * not depend on which thread runs it.
 */
final class Workers implements AutoCloseable {
  /**
   * How long to look again before the thread is put to sleep: about as long as it takes to wake it,
   * which most operations of a step follow each other in.
   */
  private static final long SPIN_NANOS = 100_000;

  private final ReentrantLock turn = new ReentrantLock();
  private final Slot[] slots;
  private final Worker[] helpers;
  private final StoragePool pool;
  private final OpenMp openMp;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** The slot of a thread that runs one of the tasks of {@link #apart}. */
  // a thread may be in a task of two backends at once
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<Slot> own = new ThreadLocal<>();

  /** A field, as a helper that waits must not fail for want of memory. */
  private final BooleanSupplier helpersDone = this::helpersAreDone;

  private Task task;
  private int tasks;
  private volatile Thread waiting;
  private volatile boolean closed;

  /** One of the parts that an operation is divided into. */
  @FunctionalInterface
  interface Task {
    /**
     * Computes a part.
     *
     * @param slot what to compute with
     * @param index which part
     */
    void run(Slot slot, int index);
  }

  /** A part that is a range of rows. */
  @FunctionalInterface
  interface RowTask {
    /**
     * Computes a part.
     *
     * @param slot what to compute with
     * @param from first row
     * @param to one past the last row
     */
    void run(Slot slot, int from, int to);
  }

  Workers(Slot[] slots, StoragePool pool, OpenMp openMp) {
    this.slots = slots;
    this.pool = pool;
    this.openMp = openMp;
    this.helpers = new Worker[slots.length - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Worker(slots[i + 1], "lorascope-onednn-" + (i + 1));
      helpers[i].start();
    }
  }

  /** How many threads share out an operation that this thread begins. */
  int threads() {
    return own.get() == null ? slots.length : 1;
  }

  /**
   * Runs tasks 0 to below count, each of them a row of operations of its own: what a task shares
   * out stays on its thread.
   */
  void apart(int count, IntConsumer work) {
    run(
        count,
        (slot, i) -> {
          own.set(slot);
          try {
            work.accept(i);
          } finally {
            own.remove();
          }
        });
  }

  /** Runs tasks 0 to below count and returns when all are done. */
  void run(int count, Task work) {
    run(count, 0, work);
  }

  /**
   * Runs tasks 0 to below count and returns when all are done.
   *
   * @param count how many tasks
   * @param scratch how many numbers of scratch memory a task takes; they are taken for all threads
   *     beforehand, so that the memory used does not depend on their timing
   * @param work the tasks
   */
  void run(int count, long scratch, Task work) {
    if (count == 0) {
      return;
    }
    if (own.get() != null) {
      runAlone(own.get(), count, scratch, work);
      return;
    }
    Throwable thrown;
    Storage[] lent = new Storage[scratch == 0 ? 0 : Math.min(slots.length, count)];
    turn.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the onednn backend is closed");
      }
      for (int i = 0; i < lent.length; i++) {
        lent[i] = pool.take(scratch, "scratch memory");
        slots[i].lend(lent[i]);
      }
      task = work;
      tasks = count;
      next.set(0);
      int helping = Math.min(helpers.length, count - 1);
      busy.set(helping);
      waiting = Thread.currentThread();
      for (int i = 0; i < helping; i++) {
        helpers[i].wake();
      }
      work(slots[0]);
      waitUntil(helpersDone, this);
      task = null;
      thrown = failure.getAndSet(null);
    } finally {
      for (int i = 0; i < lent.length && lent[i] != null; i++) {
        slots[i].lend(null);
        pool.give(lent[i]);
      }
      turn.unlock();
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  private void runAlone(Slot slot, int count, long scratch, Task work) {
    Storage lent = scratch == 0 ? null : pool.take(scratch, "scratch memory");
    slot.lend(lent);
    try {
      for (int i = 0; i < count; i++) {
        work.run(slot, i);
        slot.reset();
      }
    } finally {
      slot.lend(null);
      if (lent != null) {
        pool.give(lent);
      }
    }
  }

  /**
   * Divides rows among the threads, each of which gets enough to be worth its waking.
   *
   * @param rows how many rows
   * @param columns numbers in a row
   * @param work computes a range of rows
   */
  void rows(int rows, int columns, RowTask work) {
    rows(rows, columns, 0, work);
  }

  /**
   * Divides rows among the threads, each of which gets enough to be worth its waking.
   *
   * @param rows how many rows
   * @param columns numbers in a row
   * @param scratch how many numbers of scratch memory a task takes
   * @param work computes a range of rows
   */
  void rows(int rows, int columns, long scratch, RowTask work) {
    int enough = Math.max(1, 16384 / Math.max(1, columns));
    int step = Math.max(enough, Split.size(rows, 2 * threads()));
    run(
        Split.parts(rows, step),
        scratch,
        (slot, i) -> work.run(slot, i * step, Math.min(rows, (i + 1) * step)));
  }

  private void work(Slot slot) {
    try {
      openMp.useOneThread();
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        try {
          task.run(slot, i);
        } finally {
          slot.reset();
        }
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      next.set(tasks); // nothing more is begun
    }
  }

  private boolean helpersAreDone() {
    return busy.get() == 0;
  }

  private static void waitUntil(BooleanSupplier done, Object blocker) {
    long start = System.nanoTime();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(blocker);
      }
    }
  }

  /** Ends the helpers and frees what the slots hold. */
  @Override
  public void close() {
    turn.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (Worker helper : helpers) {
        helper.wake();
      }
      for (Worker helper : helpers) {
        helper.joinUninterruptibly();
      }
      for (Slot slot : slots) {
        slot.close();
      }
    } finally {
      turn.unlock();
    }
  }

  private final class Worker extends Thread {
    private final Slot slot;
    private final BooleanSupplier calling = this::isCalled;
    private volatile boolean called;

    Worker(Slot slot, String name) {
      super(name);
      this.slot = slot;
      setDaemon(true);
    }

    private boolean isCalled() {
      return called;
    }

    void wake() {
      called = true;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      while (true) {
        waitUntil(calling, Workers.this);
        called = false;
        if (closed) {
          return;
        }
        work(slot);
        Thread caller = waiting;
        if (busy.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }

    void joinUninterruptibly() {
      boolean interrupted = false;
      while (isAlive()) {
        try {
          join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
