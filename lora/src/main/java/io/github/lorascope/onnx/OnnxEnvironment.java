package io.github.lorascope.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Starts ONNX Runtime in a thread of its own: it searches the command line of the process with a
 * recursion that takes some 300 bytes of stack a character, so that a class path of a few thousand
 * characters would overflow the caller's stack, which ends the JVM without a message.
 */
final class OnnxEnvironment {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final long STACK = 16L << 20;
  private static final long STACK_PER_CHARACTER = 1024;

  private OnnxEnvironment() {}

  /** Returns the environment of the process, and starts it at the first call. */
  static OrtEnvironment get() {
    AtomicReference<OrtEnvironment> environment = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread starting =
        new Thread(
            null, () -> environment.set(OrtEnvironment.getEnvironment()), "onnx start", stack());
    starting.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    starting.start();
    boolean interrupted = false;
    while (true) {
      try {
        starting.join();
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
    return environment.get();
  }

  private static long stack() {
    try {
      return STACK + STACK_PER_CHARACTER * Files.readAllBytes(COMMAND_LINE).length;
    } catch (IOException e) {
      return STACK; // there is none to search on other systems
    }
  }
}
