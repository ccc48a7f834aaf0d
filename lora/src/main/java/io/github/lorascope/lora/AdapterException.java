package io.github.lorascope.lora;

import io.github.lorascope.LorascopeException;

/**
 * An adapter asks for something that does not exist or is not supported, or its files do not fit
 * the model.
 */
public class AdapterException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong, where, and what to do
   */
  public AdapterException(String message) {
    super(message);
  }

  /**
   * Says what is wrong, and why.
   *
   * @param message the fault, and what to do
   * @param cause what told of it
   */
  AdapterException(String message, Throwable cause) {
    super(message, cause);
  }
}
