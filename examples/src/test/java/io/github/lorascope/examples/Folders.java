package io.github.lorascope.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Folders that the tests read. */
final class Folders {
  private Folders() {}

  /** Reference values, which core keeps. */
  static Path golden(String name) {
    return Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"))
        .resolve(name);
  }

  static Path resource(String name) {
    try {
      return Path.of(Folders.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  /** Copies a folder with what is in it, to be spoilt. */
  static Path copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
