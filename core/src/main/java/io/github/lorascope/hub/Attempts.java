package io.github.lorascope.hub;

import java.io.IOException;
import java.time.Duration;

/**
 * Counts failures that may pass, waits longer after each, and gives up after some. One that brought
 * a good part of the file begins the count again, so that a long download survives many.
 */
final class Attempts {
  private static final long GOOD_PART = 1L << 20;
  private static final int DOUBLINGS = 3;

  private final int most;
  private final Duration pause;
  private int failed;

  Attempts(int most, Duration pause) {
    this.most = most;
    this.pause = pause;
  }

  /**
   * Waits before the next attempt.
   *
   * @param what was tried, for the message
   * @param received bytes that it brought
   * @throws HubException if it was the last
   */
  void failed(String what, IOException reason, long received) {
    failed = received >= GOOD_PART ? 1 : failed + 1;
    if (failed >= most) {
      throw new HubException(
          "Cannot "
              + what
              + ": "
              + (reason.getMessage() == null ? "no connection" : reason.getMessage())
              + "; try again later, or set HF_HUB_OFFLINE=1 to use only what is in the cache",
          reason);
    }
    Duration wait = pause.multipliedBy(1L << Math.min(failed - 1, DOUBLINGS));
    if (reason instanceof BusyHubException busy && busy.pause().compareTo(wait) > 0) {
      wait = busy.pause();
    }
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      throw HubClient.interrupted(e);
    }
  }
}
