package io.github.lorascope.trec;

import io.github.lorascope.LorascopeException;

/** Files of an experiment, each readable by itself, do not fit together or into TREC's form. */
public class TrecException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which files, what does not fit, and what to do
   */
  public TrecException(String message) {
    super(message);
  }
}
