package io.github.lorascope.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written at any position and bears its name only once it is whole: until {@link
 * #commit} its bytes lie in a temporary file of the same folder. For content that is made at one go
 * see {@link AtomicFiles}. Not thread-safe; of several writers of one file each has its own
 * temporary one, and the last to commit prevails.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path file;
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;

  private AtomicFile(Path file, Path target, Path temporary, FileChannel channel) {
    this.file = file;
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Begins a file. Folders that are missing above it are made; what a killed process left of it is
   * removed.
   *
   * @param file the target; replaced at the end if it exists
   * @return the file, empty, to be closed by the caller
   * @throws FileWriteException if the file system fails
   */
  public static AtomicFile create(Path file) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new FileWriteException(
          "Cannot write " + file + ": it is a folder", new FileAlreadyExistsException("" + file));
    }
    TemporaryName.removeLeft(target);
    Path temporary = TemporaryName.take(target);
    try {
      Folders.create(folder);
      FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      return new AtomicFile(file, target, temporary, channel);
    } catch (IOException e) {
      TemporaryName.giveBack(temporary);
      throw failed(file, e);
    }
  }

  /**
   * Writes bytes.
   *
   * @param position where, in bytes from the start; what is left out before it is zero
   * @param bytes all that remains in the buffer
   * @throws FileWriteException if the file system fails
   */
  public void write(long position, ByteBuffer bytes) {
    try {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** A stream to the start of the file; closing it closes the file. */
  OutputStream stream() {
    return Channels.newOutputStream(channel);
  }

  /**
   * Forces what was written so far to the disk.
   *
   * @throws FileWriteException if the file system fails
   */
  public void force() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /**
   * Forces the content to the disk and gives it its name.
   *
   * @throws FileWriteException if the file system fails; the target is as it was then
   */
  public void commit() {
    try {
      channel.force(true);
      channel.close();
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(file, e);
    }
    force(target.getParent());
  }

  /** Removes the temporary file, if the content was not committed. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw failed(file, e);
    } finally {
      TemporaryName.giveBack(temporary);
    }
  }

  static FileWriteException failed(Path file, IOException e) {
    return new FileWriteException("Cannot write " + file + ": " + IoReason.of(e), e);
  }

  /** Makes the rename itself durable, where the system lets a folder be opened. */
  static void force(Path folder) {
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    } catch (IOException e) {
      return; // Windows opens no folders; the rename is as durable there as the system makes it.
    }
  }
}
