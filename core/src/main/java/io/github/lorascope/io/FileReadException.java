package io.github.lorascope.io;

import io.github.lorascope.LorascopeException;

/** A file is missing or damaged, or does not hold what it has to. */
public class FileReadException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and line, what was found, and what to do
   */
  public FileReadException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file and line, what was found, and what to do
   * @param cause what the platform reported; null: nothing
   */
  public FileReadException(String message, Throwable cause) {
    super(message, cause);
  }
}
