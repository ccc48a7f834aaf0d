package io.github.lorascope.train;

import io.github.lorascope.LorascopeException;

/** A training cannot start, go on or be resumed. */
public class TrainingException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong, and what to do
   */
  public TrainingException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was wrong, and what to do
   * @param cause what the platform reported
   */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
