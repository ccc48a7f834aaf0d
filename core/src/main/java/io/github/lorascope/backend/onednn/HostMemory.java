package io.github.lorascope.backend.onednn;

import com.sun.management.OperatingSystemMXBean;
import io.github.lorascope.backend.BackendOptions;
import io.github.lorascope.tensor.MemoryAccount;
import java.lang.management.ManagementFactory;

/** The machine's memory, or the container's. */
final class HostMemory {
  /**
   * What backends hold whose callers have not said how much: each may hold almost all, but not all
   * of them may.
   */
  private static final MemoryAccount UNCAPPED =
      MemoryAccount.together(OneDnnBackend.NAME, all() - all() / 8);

  private HostMemory() {}

  static long all() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  /** Tells whether the caller has said how much may be held. */
  static boolean capped(BackendOptions options) {
    return options.memoryCap() != BackendOptions.defaults().memoryCap();
  }

  /**
   * Opens the account of a backend. Where the caller has not said how much it may hold, an eighth
   * of the memory is left to Java and the system, which would end the process without a word if
   * more were taken.
   */
  static MemoryAccount account(BackendOptions options) {
    return capped(options)
        ? new MemoryAccount(OneDnnBackend.NAME, options.memoryCap())
        : new MemoryAccount(OneDnnBackend.NAME, UNCAPPED.cap(), UNCAPPED);
  }
}
