package io.github.lorascope.io;

import io.github.lorascope.LorascopeException;

/** A file could not be written; what was there before is untouched. */
public class FileWriteException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and why
   * @param cause what the platform reported
   */
  public FileWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
