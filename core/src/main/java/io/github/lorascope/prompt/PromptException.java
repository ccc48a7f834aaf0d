package io.github.lorascope.prompt;

import io.github.lorascope.LorascopeException;

/** A prompt template lacks a place, or a prompt does not fit its token limit. */
public class PromptException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what does not fit, and what to do
   */
  public PromptException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what does not fit where, and what to do
   * @param cause what does not fit
   */
  public PromptException(String message, Throwable cause) {
    super(message, cause);
  }
}
