package io.github.lorascope.tap;

import io.github.lorascope.LorascopeException;

/** What a tap recorded cannot be read or compared, or a prompt lacks what a tap looks at. */
public class TapException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file or example, what is wrong, and what to do
   */
  public TapException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file or example, what is wrong, and what to do
   * @param cause what lay below
   */
  public TapException(String message, Throwable cause) {
    super(message, cause);
  }
}
