package io.github.lorascope.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A folder of files that bears its name only once all of them are whole: until {@link #commit} they
 * lie in a temporary folder beside it. It never replaces a folder that holds something. Not
 * thread-safe; of several writers of one folder each has its own temporary one, and all but the
 * first to commit fail.
 */
public final class AtomicFolder implements AutoCloseable {
  private final Path folder;
  private final Path target;
  private final Path temporary;

  private AtomicFolder(Path folder, Path target, Path temporary) {
    this.folder = folder;
    this.target = target;
    this.temporary = temporary;
  }

  /**
   * Begins a folder. Folders that are missing above it are made; what a killed process left of it
   * is removed.
   *
   * @param folder the target; there must be nothing of its name but an empty folder
   * @param bytes about how much will be written
   * @return the folder, empty, to be closed by the caller
   * @throws FileWriteException if there is something of its name, the disk has no room for it, or
   *     the file system fails
   */
  public static AtomicFolder create(Path folder, long bytes) {
    Path target = folder.toAbsolutePath().normalize();
    Path above = target.getParent();
    if (above == null) {
      throw occupied(folder);
    }
    try {
      requireFree(folder, target);
      TemporaryName.removeLeft(target);
      Folders.create(above);
      FreeSpace.require(folder, above, bytes);
    } catch (IOException e) {
      throw AtomicFile.failed(folder, e);
    }
    Path temporary = TemporaryName.take(target);
    try {
      Files.createDirectory(temporary);
      return new AtomicFolder(folder, target, temporary);
    } catch (IOException e) {
      TemporaryName.giveBack(temporary);
      throw AtomicFile.failed(folder, e);
    }
  }

  /**
   * Returns where to write the files meanwhile.
   *
   * @return the temporary folder
   */
  public Path path() {
    return temporary;
  }

  /**
   * Forces the files to the disk and gives the folder its name.
   *
   * @throws FileWriteException if there is something of its name by now, or the file system fails
   */
  public void commit() {
    try {
      requireFree(folder, target);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
        for (Path file : files) {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
          }
        }
      }
      AtomicFile.force(temporary);
      Files.deleteIfExists(target); // not every system renames to the name of an empty folder
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw AtomicFile.failed(folder, e);
    }
    AtomicFile.force(target.getParent());
  }

  /** Removes what was written, if it was not committed. */
  @Override
  public void close() {
    try {
      TemporaryName.remove(temporary);
    } catch (IOException e) {
      throw AtomicFile.failed(folder, e);
    } finally {
      TemporaryName.giveBack(temporary);
    }
  }

  private static void requireFree(Path folder, Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw occupied(folder);
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      if (entries.iterator().hasNext()) {
        throw occupied(folder);
      }
    }
  }

  private static FileWriteException occupied(Path folder) {
    return new FileWriteException(
        "Cannot write " + folder + ": it exists and is not empty; name another folder or remove it",
        new FileAlreadyExistsException(folder.toString()));
  }
}
