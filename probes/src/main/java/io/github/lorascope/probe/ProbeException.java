package io.github.lorascope.probe;

import io.github.lorascope.LorascopeException;

/** A probe cannot be fitted to what it was given, or ND4J cannot run on this machine. */
public class ProbeException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong and what to do
   */
  public ProbeException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was wrong and what to do
   * @param cause what the platform reported
   */
  public ProbeException(String message, Throwable cause) {
    super(message, cause);
  }
}
