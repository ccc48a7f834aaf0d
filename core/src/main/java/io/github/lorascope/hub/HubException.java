package io.github.lorascope.hub;

import io.github.lorascope.LorascopeException;

/** A model could not be found or fetched by its name. */
public class HubException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was looked for and where, what went wrong, and what to do
   */
  public HubException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was looked for and where, what went wrong, and what to do
   * @param cause what the platform reported
   */
  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
