package io.github.lorascope.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The most anonymous memory that this process had while it was watched: heap, native memory and the
 * JVM's own, but no pages of mapped files. Linux keeps the present value (RssAnon of {@code
 * /proc/self/status}) and not its peak, so that is looked at again and again, but not so often that
 * what is timed meanwhile becomes slower.
 */
final class AnonymousMemory implements AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FIELD = "RssAnon:";
  private static final long MILLISECONDS = 50;

  private final Thread watcher = new Thread(this::watchOn, "anonymous memory");
  private volatile boolean ended;
  private volatile long peak = -1;

  private AnonymousMemory() {}

  static AnonymousMemory watch() {
    AnonymousMemory memory = new AnonymousMemory();
    memory.look();
    memory.watcher.setDaemon(true);
    memory.watcher.start();
    return memory;
  }

  /** Returns the peak so far in bytes; empty where the system does not tell. */
  OptionalLong peak() {
    return peak < 0 ? OptionalLong.empty() : OptionalLong.of(peak);
  }

  private void watchOn() {
    while (!ended && peak >= 0) {
      look();
      try {
        Thread.sleep(MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void look() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(FIELD)) {
          String kilobytes = line.substring(FIELD.length()).replace("kB", "").strip();
          peak = Math.max(peak, 1024 * Long.parseLong(kilobytes));
        }
      }
    } catch (IOException | NumberFormatException e) {
      peak = -1;
    }
  }

  @Override
  public void close() {
    ended = true;
    watcher.interrupt();
  }
}
