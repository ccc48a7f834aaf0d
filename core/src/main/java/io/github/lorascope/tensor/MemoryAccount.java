package io.github.lorascope.tensor;

import java.util.Locale;

/**
 * Counts the memory that one backend holds for its tensors and weights, or several together,
 * remembers the peak, and refuses what would pass the cap. Thread-safe.
 */
public final class MemoryAccount {
  private final String holder;
  private final String remedy;
  private final long cap;
  private final MemoryAccount together;
  private long used;
  private long peak;
  private long slack;
  private long neededSinceMark;
  private int openScopes;

  /**
   * Creates an account.
   *
   * @param backend name for messages
   * @param cap the most bytes that may be held at once
   */
  public MemoryAccount(String backend, long cap) {
    this(backend, cap, null);
  }

  /**
   * Creates an account of one of several backends, whose memory is also counted together.
   *
   * @param backend name for messages
   * @param cap the most bytes that may be held at once
   * @param together counts what all of them hold; null for none
   */
  public MemoryAccount(String backend, long cap, MemoryAccount together) {
    this("the " + backend + " backend, which holds", "raise the memory cap", cap, together);
  }

  private MemoryAccount(String holder, String remedy, long cap, MemoryAccount together) {
    this.holder = holder;
    this.remedy = remedy;
    this.cap = cap;
    this.together = together;
  }

  /**
   * Creates an account of what several backends hold together.
   *
   * @param backend their name for messages
   * @param cap the most bytes that they may hold at once
   * @return the account
   */
  public static MemoryAccount together(String backend, long cap) {
    return new MemoryAccount(
        "the " + backend + " backends of this process, which hold",
        "close a model that is no longer needed",
        cap,
        null);
  }

  /**
   * Counts memory before it is taken.
   *
   * @param bytes how much
   * @param label what it is for
   * @throws MemoryCapException if it would pass the cap; nothing is counted then
   */
  public void take(long bytes, String label) {
    take(bytes, 0, label);
  }

  /**
   * Counts memory before it is taken, of which a part is more than was asked for, as when a larger
   * block is used again.
   *
   * @param bytes how much, slack included
   * @param unneeded how much of it is slack
   * @param label what it is for
   * @throws MemoryCapException if it would pass the cap; nothing is counted then
   */
  public synchronized void take(long bytes, long unneeded, String label) {
    if (bytes > cap - used) {
      throw new MemoryCapException(
          String.format(
              Locale.ROOT,
              "%s needs %s more on %s %s of at most %s:"
                  + " use fewer or shorter pairs at once, 4-bit weights, or %s",
              label,
              megabytes(bytes),
              holder,
              megabytes(used),
              megabytes(cap),
              remedy));
    }
    if (together != null) {
      together.take(bytes, unneeded, label);
    }
    used += bytes;
    slack += unneeded;
    peak = Math.max(peak, used);
    neededSinceMark = Math.max(neededSinceMark, used - slack);
  }

  /**
   * Counts memory that was given back.
   *
   * @param bytes how much
   */
  public void give(long bytes) {
    give(bytes, 0);
  }

  /**
   * Counts memory that was given back, as it was taken.
   *
   * @param bytes how much, slack included
   * @param unneeded how much of it was slack
   */
  public synchronized void give(long bytes, long unneeded) {
    used -= bytes;
    slack -= unneeded;
    if (together != null) {
      together.give(bytes, unneeded);
    }
  }

  /**
   * Counts a change of what is kept for whoever asks next: it is not held, but no other backend can
   * have it either.
   *
   * @param change how many bytes more
   */
  public void idle(long change) {
    if (together != null) {
      together.add(change);
    }
  }

  private synchronized void add(long change) {
    used += change;
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

  /** Begins the span that {@link #neededSinceMark} speaks of; there is one at a time. */
  public synchronized void mark() {
    neededSinceMark = used - slack;
  }

  /**
   * Returns the most that was needed at once since {@link #mark}: all that was held, that of before
   * included, but without slack. So it does not depend on which blocks earlier work has left.
   *
   * @return the size in bytes
   */
  public synchronized long neededSinceMark() {
    return neededSinceMark;
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
