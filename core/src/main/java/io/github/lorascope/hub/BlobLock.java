package io.github.lorascope.hub;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other threads, and other processes that do this here, from fetching the same file at the
 * same time. It is no lock for huggingface_hub, whose locks on Linux (flock) and these (fcntl) do
 * not see each other. The lock's file stays: to remove it is to break the lock of who waits for it.
 */
final class BlobLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobLock.class);
  private static final long POLL_MILLIS = 50;

  /**
   * Taken before a lock's file is opened, so that a process has it open once: to close any channel
   * of a file ends all locks that the process has on it.
   */
  private static final ConcurrentMap<Path, ReentrantLock> OF_THIS_PROCESS =
      new ConcurrentHashMap<>();

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final ReentrantLock ours;
  private final FileChannel channel;
  private final boolean excludesProcesses;

  private BlobLock(ReentrantLock ours, FileChannel channel, boolean excludesProcesses) {
    this.ours = ours;
    this.channel = channel;
    this.excludesProcesses = excludesProcesses;
  }

  /** The system's way to lock a file. */
  interface SystemLock {
    /** Returns null where another process holds it. */
    FileLock tryOn(FileChannel channel) throws IOException;
  }

  /** Waits for the lock, for as long as another holds it. */
  static BlobLock acquire(Path file, SystemLock system) throws IOException {
    Path real = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
    ReentrantLock ours = OF_THIS_PROCESS.computeIfAbsent(real, path -> new ReentrantLock());
    FileChannel channel = null;
    BlobLock lock = null;
    try {
      if (!ours.tryLock()) {
        logWait(file);
        ours.lockInterruptibly();
      }
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      lock = new BlobLock(ours, channel, await(channel, system, file));
      return lock;
    } catch (InterruptedException e) {
      throw HubClient.interrupted(e);
    } finally {
      if (lock == null) {
        release(ours, channel);
      }
    }
  }

  /** Returns whether the file system has locks at all; a network's may have none. */
  private static boolean await(FileChannel channel, SystemLock system, Path file)
      throws IOException, InterruptedException {
    try {
      for (boolean waited = false; !tryLock(channel, system); waited = true) {
        if (!waited) {
          logWait(file);
        }
        Thread.sleep(POLL_MILLIS);
      }
      return true;
    } catch (ClosedChannelException e) {
      throw e; // by an interrupt
    } catch (IOException e) {
      if (WARNED.compareAndSet(false, true)) {
        log.warn(
            "the cache's file system has no locks ({}); another process may download the same",
            e.toString());
      }
      return false;
    }
  }

  private static boolean tryLock(FileChannel channel, SystemLock system) throws IOException {
    try {
      FileLock lock = system.tryOn(channel);
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another class loader of this process holds it
    }
  }

  private static void logWait(Path file) {
    log.info("waiting for another download, which holds {}", file);
  }

  /** Whether other processes wait for it too. */
  boolean excludesProcesses() {
    return excludesProcesses;
  }

  @Override
  public void close() throws IOException {
    release(ours, channel);
  }

  private static void release(ReentrantLock ours, FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      if (ours.isHeldByCurrentThread()) {
        ours.unlock();
      }
    }
  }
}
