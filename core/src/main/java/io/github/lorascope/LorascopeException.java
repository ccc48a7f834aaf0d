package io.github.lorascope;

/**
 * Root of the exceptions that say what was wrong with an input or with the machine, and what to do.
 * Mistakes in calling the library are {@link IllegalArgumentException} and {@link
 * IllegalStateException} instead.
 */
public class LorascopeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong, where, and what to do
   */
  public LorascopeException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was wrong, where, and what to do
   * @param cause what the platform reported
   */
  public LorascopeException(String message, Throwable cause) {
    super(message, cause);
  }
}
