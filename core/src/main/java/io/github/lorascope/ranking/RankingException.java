package io.github.lorascope.ranking;

import io.github.lorascope.LorascopeException;

/** An answer is no probability. */
public class RankingException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was answered about which items
   */
  public RankingException(String message) {
    super(message);
  }
}
