package io.github.lorascope.rerank;

import io.github.lorascope.LorascopeException;

/** The model answers with numbers that are none. */
public class ScoreException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was answered, and what to do
   */
  public ScoreException(String message) {
    super(message);
  }
}
