package io.github.lorascope.io;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are read more than once. */
public final class RereadFile {
  private RereadFile() {}

  /**
   * Refuses a pipe, which the second reading of would wait for ever or find empty. Whatever else is
   * wrong with a file is told by who reads it.
   *
   * @param file the file
   * @param what it is, with its verb, such as "a run is"
   * @throws FileReadException if it is neither a file nor a folder
   */
  public static void require(Path file, String what) {
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new FileReadException(
          file + " is no file on a disk, and " + what + " read twice; write it to a file first");
    }
  }
}
