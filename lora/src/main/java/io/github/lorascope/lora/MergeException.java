package io.github.lorascope.lora;

/** An adapter cannot be merged as it was asked for. */
public class MergeException extends AdapterException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong, where, and what to do
   */
  public MergeException(String message) {
    super(message);
  }
}
