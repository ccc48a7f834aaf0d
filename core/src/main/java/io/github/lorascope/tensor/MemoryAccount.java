package io.github.lorascope.tensor;

import java.util.Locale;

/**
 * Counts the memory that one backend holds for its tensors and weights, remembers the peak, and
 * refuses what would pass the cap. Thread-safe.
 */
public final class MemoryAccount {
  private final String backend;
  private final long cap;
  private long used;
  private long peak;
  private int openScopes;

  /**
   * Creates an account.
   *
   * @param backend name for messages
   * @param cap the most bytes that may be held at once
   */
  public MemoryAccount(String backend, long cap) {
    this.backend = backend;
    this.cap = cap;
  }

  /**
   * Counts memory before it is taken.
   *
   * @param bytes how much
   * @param label what it is for
   * @throws MemoryCapException if it would pass the cap; nothing is counted then
   */
  public synchronized void take(long bytes, String label) {
    if (bytes > cap - used) {
      throw new MemoryCapException(
          String.format(
              Locale.ROOT,
              "%s needs %s more on the %s backend, which holds %s of at most %s:"
                  + " use fewer or shorter pairs at once, 4-bit weights, or raise the memory cap",
              label,
              megabytes(bytes),
              backend,
              megabytes(used),
              megabytes(cap)));
    }
    used += bytes;
    peak = Math.max(peak, used);
  }

  /**
   * Counts memory that was given back.
   *
   * @param bytes how much
   */
  public synchronized void give(long bytes) {
    used -= bytes;
  }

  /**
   * Returns what is held now.
   *
   * @return the size in bytes
   */
  public synchronized long used() {
    return used;
  }

  /**
   * Returns the most that was held at once.
   *
   * @return the size in bytes
   */
  public synchronized long peak() {
    return peak;
  }

  /**
   * Returns the most that may be held.
   *
   * @return the size in bytes
   */
  public long cap() {
    return cap;
  }

  /**
   * Returns how many scopes are open; after everything is closed, any other number than 0 is a
   * leak.
   *
   * @return the count
   */
  public synchronized int openScopes() {
    return openScopes;
  }

  synchronized void opened() {
    openScopes++;
  }

  synchronized void closed() {
    openScopes--;
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }
}
