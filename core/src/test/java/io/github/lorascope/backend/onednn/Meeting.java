package io.github.lorascope.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where two threads wait for each other; one alone fails. */
final class Meeting {
  private static final int SECONDS = 60;

  private final CountDownLatch missing = new CountDownLatch(2);

  void attend() {
    missing.countDown();
    try {
      assertTrue(missing.await(SECONDS, TimeUnit.SECONDS), "no second thread came");
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted before a second thread came", e);
    }
  }
}
