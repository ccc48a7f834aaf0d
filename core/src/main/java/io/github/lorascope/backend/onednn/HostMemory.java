package io.github.lorascope.backend.onednn;

import com.sun.management.OperatingSystemMXBean;
import io.github.lorascope.backend.BackendOptions;
import java.lang.management.ManagementFactory;

/** The machine's memory, or the container's. */
final class HostMemory {
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
   * Returns how much may be held. Where the caller has not said, an eighth of the memory is left to
   * Java and the system, which would end the process without a word if more were taken.
   */
  static long cap(BackendOptions options) {
    return capped(options) ? options.memoryCap() : all() - all() / 8;
  }
}
