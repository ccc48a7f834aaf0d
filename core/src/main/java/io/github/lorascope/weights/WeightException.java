package io.github.lorascope.weights;

import io.github.lorascope.LorascopeException;

/** The numbers of a weight cannot be used. */
public class WeightException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which weight, where in it, and what is wrong
   */
  public WeightException(String message) {
    super(message);
  }
}
