package io.github.lorascope.gguf;

import io.github.lorascope.LorascopeException;

/** A GGUF file cannot be read: it is broken, cut off, or of a kind that is not supported. */
public class GgufException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and key or tensor, what is wrong, and what to do
   */
  public GgufException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file and key or tensor, what is wrong, and what to do
   * @param cause what lay below
   */
  public GgufException(String message, Throwable cause) {
    super(message, cause);
  }
}
