package io.github.lorascope.integration.lucene;

import io.github.lorascope.LorascopeException;

/** A document of an index has no text that could be ranked. */
public class PassageFieldException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which document lacks which field, and what to do
   */
  public PassageFieldException(String message) {
    super(message);
  }
}
