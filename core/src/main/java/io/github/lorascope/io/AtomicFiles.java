package io.github.lorascope.io;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes whole files atomically: into a temporary file of the same folder, forced to the disk, then
 * renamed over the target. After a crash the target holds the old content or the new. One writer at
 * a time may write a file.
 */
public final class AtomicFiles {
  private static final int BUFFER = 1 << 16;

  private AtomicFiles() {}

  /**
   * Writes a file. Folders that are missing above it are made.
   *
   * @param file the target; replaced if it exists
   * @param content writes the bytes; closing the stream is not its job
   * @throws FileWriteException if the file system fails; the temporary file is gone then and the
   *     target is as it was
   */
  public static void write(Path file, IoConsumer<OutputStream> content) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new FileWriteException(
          "Cannot write " + file + ": it is a folder", new FileAlreadyExistsException("" + file));
    }
    // Always the same name, so that what a killed process left is written over and renamed away.
    Path temporary = folder.resolve("." + target.getFileName() + ".tmp");
    try {
      Files.createDirectories(folder);
      try {
        fill(temporary, content);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (NoSuchFileException e) {
      throw new FileWriteException("Cannot write " + file + ": no such folder", e);
    } catch (IOException e) {
      throw new FileWriteException("Cannot write " + file + ": " + e.getMessage(), e);
    }
    force(folder);
  }

  /**
   * Writes a text as UTF-8.
   *
   * @param file the target; replaced if it exists
   * @param text the whole content
   * @throws FileWriteException if the file system fails; the target is as it was then
   */
  public static void writeString(Path file, String text) {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void fill(Path temporary, IoConsumer<OutputStream> content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      OutputStream out = new KeptOpen(Channels.newOutputStream(channel));
      content.accept(out);
      out.flush();
      channel.force(true);
    }
  }

  /** Makes the rename itself durable, where the system lets a folder be opened. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      return; // Windows opens no folders; the rename is as durable there as the system makes it.
    }
  }

  /** The channel has to stay open for the force, whatever the writer of the content closes. */
  private static final class KeptOpen extends FilterOutputStream {
    KeptOpen(OutputStream out) {
      super(new BufferedOutputStream(out, BUFFER));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
