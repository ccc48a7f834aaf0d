package io.github.lorascope.data;

import io.github.lorascope.LorascopeException;

/** A file of triples is missing, damaged, or does not hold triples. */
public class TriplesException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and line, what was found, and what to do
   */
  public TriplesException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file and line, what was found, and what to do
   * @param cause what the platform reported
   */
  public TriplesException(String message, Throwable cause) {
    super(message, cause);
  }
}
