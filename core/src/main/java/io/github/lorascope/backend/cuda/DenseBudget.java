package io.github.lorascope.backend.cuda;

/**
 * How much memory the dequantized forms of 4-bit weights may take together. Granted in the order
 * that weights are made ready in, not by what is free at the moment, so that the same model is
 * computed alike under the same cap, which without one asked for is what was free at the start.
 * Thread-safe.
 */
final class DenseBudget {
  private long left;

  /** Leaves three quarters of what may be held to activations and the rest. */
  DenseBudget(long cap) {
    left = cap / 4;
  }

  /** Returns whether so many bytes are granted. */
  synchronized boolean grant(long bytes) {
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }

  synchronized void giveBack(long bytes) {
    left += bytes;
  }
}
