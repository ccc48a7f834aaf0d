package io.github.lorascope.backend;

/**
 * What a backend may use.
 *
 * @param threads threads to compute with
 * @param memoryCap the most bytes it may hold for tensors and weights
 */
public record BackendOptions(int threads, long memoryCap) {
  /** Checks the numbers. */
  public BackendOptions {
    if (threads < 1 || memoryCap < 1) {
      throw new IllegalArgumentException(
          threads + " threads and a memory cap of " + memoryCap + " bytes");
    }
  }

  /**
   * Returns the defaults: all processors of the machine, no cap.
   *
   * @return the options
   */
  public static BackendOptions defaults() {
    return new BackendOptions(Runtime.getRuntime().availableProcessors(), Long.MAX_VALUE);
  }

  /**
   * Returns the same with another number of threads.
   *
   * @param count threads to compute with
   * @return the options
   */
  public BackendOptions withThreads(int count) {
    return new BackendOptions(count, memoryCap);
  }

  /**
   * Returns the same with another cap.
   *
   * @param bytes the most bytes it may hold
   * @return the options
   */
  public BackendOptions withMemoryCap(long bytes) {
    return new BackendOptions(threads, bytes);
  }
}
