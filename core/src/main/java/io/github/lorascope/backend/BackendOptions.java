package io.github.lorascope.backend;

/**
 * What a backend may use.
 *
 * @param threads threads to compute with, from 1 to 4096
 * @param memoryCap the most bytes it may hold for tensors and weights; {@code Long.MAX_VALUE}: as
 *     many as the backend finds that there are
 */
public record BackendOptions(int threads, long memoryCap) {
  /** More than any machine has processors for; a backend that made a million would not start. */
  private static final int MAX_THREADS = 4096;

  /** Checks the numbers. */
  public BackendOptions {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new IllegalArgumentException(threads + " threads: give 1 to " + MAX_THREADS);
    }
    if (memoryCap < 1) {
      throw new IllegalArgumentException(
          "a memory cap of " + memoryCap + " bytes: give at least 1");
    }
  }

  /**
   * Returns the defaults: all processors of the machine, no cap but the memory there is.
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
