package io.github.lorascope.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other trainings out of a run's folder. Its file stays: to remove it would let two in, one
 * with the old file and one with a new one.
 */
final class RunLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunLock.class);
  private static final String FILE_NAME = ".lock";

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Locks a folder that exists; where files cannot be locked, it goes on without. */
  static RunLock of(Path folder) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new RunLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      log.debug("a trainer of this process holds {}", folder);
    } catch (IOException e) {
      log.warn(
          "{} cannot be locked ({}): see that no other training writes to it",
          folder,
          e.toString());
      return new RunLock(channel);
    }
    new RunLock(channel).close();
    throw new TrainingException(
        folder + " is being written by another training: wait for it, or choose another folder");
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      log.warn("cannot close the lock of a run: {}", e.toString());
    }
  }
}
