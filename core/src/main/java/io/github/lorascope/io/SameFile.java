package io.github.lorascope.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps what is written apart from what is read. */
public final class SameFile {
  private SameFile() {}

  /**
   * Tells whether two paths lead to one file, through links too.
   *
   * @param written the path that would be written
   * @param read the path that is read
   * @return whether both exist and are the same; false where that cannot be told, as reading or
   *     writing it will say why
   */
  public static boolean at(Path written, Path read) {
    try {
      return Files.exists(written) && Files.exists(read) && Files.isSameFile(written, read);
    } catch (IOException e) {
      return false;
    }
  }
}
