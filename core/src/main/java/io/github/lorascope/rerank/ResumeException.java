package io.github.lorascope.rerank;

import io.github.lorascope.LorascopeException;

/** What an interrupted reranking has left cannot be gone on with. */
public class ResumeException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file, what is wrong with it, and what to do
   */
  public ResumeException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file, what is wrong with it, and what to do
   * @param cause what was found
   */
  public ResumeException(String message, Throwable cause) {
    super(message, cause);
  }
}
