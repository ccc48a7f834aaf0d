package io.github.lorascope;

import java.nio.file.Path;

/** Finds the reference values. */
public final class Golden {
  private Golden() {}

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
}
