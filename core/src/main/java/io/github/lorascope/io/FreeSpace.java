package io.github.lorascope.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks whether the disk has room, before much is written. */
public final class FreeSpace {
  private static final long MEGABYTE = 1_000_000;

  private FreeSpace() {}

  /**
   * Requires room.
   *
   * @param target what will be written, for the message
   * @param folder a folder on the disk in question, which exists
   * @param bytes about how much will be written
   * @throws FileWriteException if there is less room, or the file system fails
   */
  public static void require(Path target, Path folder, long bytes) {
    long room;
    try {
      room = Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw AtomicFile.failed(target, e);
    }
    if (room < bytes) {
      throw new FileWriteException(
          "Cannot write "
              + target
              + ": it takes "
              + megabytes(bytes)
              + " MB, and the disk has "
              + megabytes(room)
              + " MB left",
          new FileSystemException(target.toString()));
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + MEGABYTE - 1) / MEGABYTE;
  }
}
