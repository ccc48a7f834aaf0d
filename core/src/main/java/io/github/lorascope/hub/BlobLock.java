package io.github.lorascope.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other threads and processes from fetching the same file at the same time. The lock's file
 * stays, as huggingface_hub's does: to remove it is to break the lock of who waits for it.
 */
final class BlobLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobLock.class);
  private static final long POLL_MILLIS = 50;

  private final FileChannel channel;

  private BlobLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits for the lock, for as long as another holds it. */
  static BlobLock acquire(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      for (boolean waited = false; !tryLock(channel); waited = true) {
        if (!waited) {
          log.info("waiting for another download, which holds {}", file);
        }
        Thread.sleep(POLL_MILLIS);
      }
      return new BlobLock(channel);
    } catch (InterruptedException e) {
      channel.close();
      throw HubClient.interrupted(e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another thread of this process holds it
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
