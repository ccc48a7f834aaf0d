package io.github.lorascope.probe;

import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps ND4J's operations on one thread. A probe's matrices are small, and on few processors the
 * threads of ND4J and those of its BLAS, which both spin, cost ten times what the arithmetic does.
 */
final class OneThread {
  private static int users;
  private static int threads;

  private OneThread() {}

  /** Does some work; after the last that goes on at a time, ND4J's settings are as before. */
  static <T> T call(Supplier<T> work) {
    begin();
    try {
      return work.get();
    } finally {
      end();
    }
  }

  private static synchronized void begin() {
    if (users == 0) {
      threads = Nd4j.getEnvironment().maxMasterThreads();
      Nd4j.getEnvironment().setMaxMasterThreads(1);
    }
    users++;
  }

  private static synchronized void end() {
    users--;
    if (users == 0) {
      Nd4j.getEnvironment().setMaxMasterThreads(threads);
    }
  }
}
