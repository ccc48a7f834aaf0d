package io.github.lorascope.tensor;

import io.github.lorascope.LorascopeException;

/** More memory was asked for than the backend may hold, or than the machine gives. */
public class MemoryCapException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message how much was needed, how much is held, and what to turn down
   */
  public MemoryCapException(String message) {
    super(message);
  }
}
