package io.github.lorascope.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * On an interrupt, lets the step in hand end and its checkpoint be written before the JVM goes,
 * however long that takes: a step of a large model takes minutes.
 */
final class StopOnInterrupt {
  /** After which it says what is waited for. */
  private static final long SECONDS = 10;

  private final Thread hook;

  /** Not the end of the working thread: that waits in {@code System.exit} for this hook. */
  private final CountDownLatch ended;

  private StopOnInterrupt(Thread hook, CountDownLatch ended) {
    this.hook = hook;
    this.ended = ended;
  }

  /**
   * Watches work until {@link #end}.
   *
   * @param stop asks the work to end
   */
  static StopOnInterrupt of(Runnable stop) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stop.run();
              try {
                if (!ended.await(SECONDS, TimeUnit.SECONDS)) {
                  System.err.printf(
                      "%nstopping after the step in hand; kill -9 %d ends at once, and loses what"
                          + " came after the last checkpoint%n",
                      ProcessHandle.current().pid());
                  ended.await();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    return new StopOnInterrupt(hook, ended);
  }

  /** There is nothing left to stop: all is written. */
  void end() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ignored) {
      // The JVM is going down, and no longer waits.
    }
  }
}
