package io.github.lorascope.checkpoint;

import io.github.lorascope.LorascopeException;

/** A checkpoint cannot be read: it is broken, incomplete, or of a kind that is not supported. */
public class CheckpointException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and tensor or field, what is wrong, and what to do
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file and tensor or field, what is wrong, and what to do
   * @param cause what lay below
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
