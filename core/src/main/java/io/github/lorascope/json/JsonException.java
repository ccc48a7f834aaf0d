package io.github.lorascope.json;

import io.github.lorascope.LorascopeException;

/** A JSON text is broken, or a field of it is not what it has to be. */
public class JsonException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file, where in it, and what is wrong
   */
  public JsonException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file, where in it, and what is wrong
   * @param cause what the parser or the platform reported
   */
  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
