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
}
