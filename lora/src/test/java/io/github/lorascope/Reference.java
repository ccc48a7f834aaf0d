package io.github.lorascope;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folders of reference values, which core keeps. */
public final class Reference {
  private Reference() {}

  /**
   * Returns where a file of reference values lies.
   *
   * @param name the file or folder
   * @return its path
   */
  public static Path path(String name) {
    return Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"))
        .resolve(name);
  }

  /**
   * Copies the files of a folder, to be spoilt.
   *
   * @param name the folder
   * @param target where to; made
   * @return the target
   */
  public static Path copy(String name, Path target) {
    try (Stream<Path> files = Files.list(path(name))) {
      Files.createDirectories(target);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
