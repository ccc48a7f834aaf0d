package io.github.lorascope.io;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes whole files atomically: into a temporary file of the same folder, forced to the disk, then
 * renamed over the target. After a crash the target holds the old content or the new; of several
 * writers the last prevails.
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
    try (AtomicFile whole = AtomicFile.create(file)) {
      OutputStream out = new KeptOpen(whole.stream());
      content.accept(out);
      out.flush();
      whole.commit();
    } catch (IOException e) {
      throw AtomicFile.failed(file, e);
    }
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
