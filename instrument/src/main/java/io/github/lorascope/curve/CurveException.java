package io.github.lorascope.curve;

import io.github.lorascope.LorascopeException;

/** A series of a run's folder is missing, or is not one. */
public class CurveException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file, what is wrong and what to do
   */
  public CurveException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file, what is wrong and what to do
   * @param cause what the platform reported
   */
  public CurveException(String message, Throwable cause) {
    super(message, cause);
  }
}
