package io.github.lorascope.backend.onednn;

import com.sun.management.OperatingSystemMXBean;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.tensor.MemoryAccount;
import io.github.lorascope.weights.Weight;
import io.github.lorascope.weights.WeightForm;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides which weights keep a copy in the form that products are computed with. Where the caller
 * has said how much memory there is, copies take up to half of it. Else they take up to half of the
 * machine's; but who holds a model in few bits does so because memory is short, so that copies of
 * such weights are kept only where all of them take a sixteenth of the machine's.
 */
final class CopyBudget {
  private static final int FEW = 16;

  private final MemoryAccount account;
  private final long most;
  private final long mostOfSmall;

  /** Bytes that one copy of every weight would take. */
  private final AtomicLong ofAll = new AtomicLong();

  /** Bytes that one copy of every weight in few bits would take. */
  private final AtomicLong ofSmall = new AtomicLong();

  /**
   * Creates a budget.
   *
   * @param account counts what is held
   * @param capped whether the cap of the account was asked for
   * @param machine bytes of memory of the machine
   */
  CopyBudget(MemoryAccount account, boolean capped, long machine) {
    this.account = account;
    this.most = capped ? account.cap() / 2 : machine / 2;
    this.mostOfSmall = capped ? Long.MAX_VALUE : machine / FEW;
  }

  static CopyBudget of(MemoryAccount account, BackendOptions options) {
    boolean capped = options.memoryCap() != BackendOptions.defaults().memoryCap();
    return new CopyBudget(account, capped, machine());
  }

  private static long machine() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /**
   * Counts a weight, before any of its decoder is asked for.
   *
   * @param weight the weight
   * @param bytes what a copy would take
   * @return takes it away again
   */
  Runnable count(Weight weight, long bytes) {
    long small = small(weight) ? bytes : 0;
    ofAll.addAndGet(bytes);
    ofSmall.addAndGet(small);
    return () -> {
      ofAll.addAndGet(-bytes);
      ofSmall.addAndGet(-small);
    };
  }

  /**
   * Tells whether a copy of a weight is kept.
   *
   * @param weight the weight
   * @param bytes what it takes
   */
  boolean keeps(Weight weight, long bytes) {
    return bytes <= most - account.used() && (!small(weight) || ofSmall.get() <= mostOfSmall);
  }

  /**
   * Tells whether all weights may have two copies, as one of each is worth more than two of some.
   *
   * @param weight one of them
   */
  boolean allTwice(Weight weight) {
    return ofAll.get() <= most / 2 && (!small(weight) || ofSmall.get() <= mostOfSmall / 2);
  }

  private static boolean small(Weight weight) {
    return weight.form() == WeightForm.NF4 || weight.form() == WeightForm.GGUF;
  }
}
