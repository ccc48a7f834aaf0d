package io.github.lorascope.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Starts ONNX Runtime in a thread of its own: it searches the command line of the process with a
 * recursion that takes some 300 bytes of stack a character, so that a class path of a few thousand
 * characters would overflow the caller's stack, which ends the JVM without a message.
 */
final class DeepStack {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final long STACK = 16L << 20;
  private static final long STACK_PER_CHARACTER = 1024;

  private DeepStack() {}

  /** Waits for what a thread with a stack that is deep enough starts. */
  static <T> T start(Supplier<T> starting) {
    AtomicReference<T> started = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread = new Thread(null, () -> started.set(starting.get()), "onnx start", stack());
    thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw new OnnxException("ONNX Runtime does not start: " + failure.get(), failure.get());
    }
    return started.get();
  }

  private static long stack() {
    try {
      return STACK + STACK_PER_CHARACTER * Files.readAllBytes(COMMAND_LINE).length;
    } catch (IOException e) {
      return STACK; // there is none to search on other systems
    }
  }
}
