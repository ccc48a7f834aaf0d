package io.github.lorascope.examples;

import io.github.lorascope.io.FileWriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that is removed with all that it holds. */
final class TemporaryFolder implements AutoCloseable {
  private final Path path;

  private TemporaryFolder(Path path) {
    this.path = path;
  }

  static TemporaryFolder of(String prefix) {
    return of(prefix, "name another place with -Djava.io.tmpdir=DIR");
  }

  /**
   * Makes one.
   *
   * @param prefix what its name begins with
   * @param instead what to do where that is not possible
   * @throws FileWriteException if the system's folder for such cannot be written
   */
  static TemporaryFolder of(String prefix, String instead) {
    try {
      return new TemporaryFolder(Files.createTempDirectory(prefix));
    } catch (IOException e) {
      throw new FileWriteException("Cannot make a temporary folder: " + e + "; " + instead, e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new FileWriteException("Cannot remove the temporary folder " + path + ": " + e, e);
    }
  }
}
