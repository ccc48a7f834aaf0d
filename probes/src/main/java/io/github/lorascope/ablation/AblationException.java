package io.github.lorascope.ablation;

import io.github.lorascope.LorascopeException;

/** An ablation cannot be done with what it was given. */
public class AblationException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong and what to do
   */
  public AblationException(String message) {
    super(message);
  }
}
