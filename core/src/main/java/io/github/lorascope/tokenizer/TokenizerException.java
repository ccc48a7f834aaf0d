package io.github.lorascope.tokenizer;

import io.github.lorascope.LorascopeException;

/** A tokenizer's file is missing or not usable, or this machine has no native library for it. */
public class TokenizerException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what is missing or wrong, and what to do
   */
  public TokenizerException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what is missing or wrong, and what to do
   * @param cause what the platform reported
   */
  public TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
