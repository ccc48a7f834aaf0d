package io.github.lorascope.backend;

import io.github.lorascope.LorascopeException;

/** A backend is unknown, cannot run on this machine, or its native library reported an error. */
public class BackendException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what is missing and what to do
   */
  public BackendException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what is missing and what to do
   * @param cause what the platform reported
   */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
