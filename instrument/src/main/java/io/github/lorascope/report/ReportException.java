package io.github.lorascope.report;

import io.github.lorascope.LorascopeException;

/** A run's files are missing or malformed, or the report cannot be written. */
public class ReportException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and line, what is wrong and what to do
   */
  public ReportException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message which file and line, what is wrong and what to do
   * @param cause what the platform reported
   */
  public ReportException(String message, Throwable cause) {
    super(message, cause);
  }
}
