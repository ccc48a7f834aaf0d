package io.github.lorascope.decoder;

import io.github.lorascope.LorascopeException;

/** Neither the checkpoint nor an adapter brings the classification head that a score needs. */
public class MissingHeadException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what is missing where, and what to do
   */
  public MissingHeadException(String message) {
    super(message);
  }
}
