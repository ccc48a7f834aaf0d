package io.github.lorascope.examples;

import java.util.concurrent.TimeUnit;

/** On an interrupt, lets the step in hand end and its checkpoint be written before the JVM goes. */
final class StopOnInterrupt {
  private static final long SECONDS = 60;

  private final Thread hook;

  private StopOnInterrupt(Thread hook) {
    this.hook = hook;
  }

  /**
   * Watches the thread that calls it.
   *
   * @param stop asks the work on this thread to end
   */
  static StopOnInterrupt of(Runnable stop) {
    Thread working = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              stop.run();
              try {
                TimeUnit.SECONDS.timedJoin(working, SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    return new StopOnInterrupt(hook);
  }

  /** There is nothing left to stop. */
  void end() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ignored) {
      // The JVM is going down: the hook waits for this thread, which now ends.
    }
  }
}
