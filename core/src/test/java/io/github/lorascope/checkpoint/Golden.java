package io.github.lorascope.checkpoint;

import java.nio.file.Path;

/** Finds the reference values. */
final class Golden {
  private Golden() {}

  static Path path(String name) {
    return Path.of(System.getProperty("golden.dir", "../core/src/test/resources/golden"))
        .resolve(name);
  }
}
