package io.github.lorascope.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What tells a file from another one that has taken its place.
 *
 * @param size its bytes
 * @param modified when it was last written to
 * @param key what the file system knows it by, where it says
 */
public record FileVersion(long size, FileTime modified, String key) {
  /**
   * Looks at a file.
   *
   * @param file the file
   * @return its version now
   * @throws IOException if it cannot be read
   */
  public static FileVersion of(Path file) throws IOException {
    BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileVersion(read.size(), read.lastModifiedTime(), String.valueOf(read.fileKey()));
  }

  /**
   * Tells whether another file has taken the place of this version.
   *
   * @param file where it was
   * @return whether it differs
   * @throws IOException if it cannot be read
   */
  public boolean replaced(Path file) throws IOException {
    return !of(file).equals(this);
  }
}
