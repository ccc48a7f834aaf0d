package io.github.lorascope.io;

import java.io.IOException;

/**
 * Work on something that may fail as input and output do.
 *
 * @param <T> what it works on
 */
@FunctionalInterface
public interface IoConsumer<T> {
  /**
   * Does the work.
   *
   * @param target what to work on
   * @throws IOException if the file system fails
   */
  void accept(T target) throws IOException;
}
