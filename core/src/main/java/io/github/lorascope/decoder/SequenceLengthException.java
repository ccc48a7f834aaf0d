package io.github.lorascope.decoder;

import io.github.lorascope.LorascopeException;

/** A sequence has more tokens than the model has positions. */
public class SequenceLengthException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param tokens length of the sequence
   * @param positions what the model has
   */
  public SequenceLengthException(int tokens, int positions) {
    super(
        "a prompt of "
            + tokens
            + " tokens, but the model has "
            + positions
            + " positions: cut passages to fewer tokens");
  }
}
