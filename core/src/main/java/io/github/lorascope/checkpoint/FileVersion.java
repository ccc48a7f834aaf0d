package io.github.lorascope.checkpoint;

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
record FileVersion(long size, FileTime modified, String key) {
  static FileVersion of(Path file) throws IOException {
    BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileVersion(read.size(), read.lastModifiedTime(), String.valueOf(read.fileKey()));
  }
}
