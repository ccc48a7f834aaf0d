package io.github.lorascope.onnx;

import io.github.lorascope.LorascopeException;

/** A reranker cannot be exported to ONNX, or an exported one cannot be run. */
public class OnnxException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong, where, and what to do
   */
  public OnnxException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was wrong, where, and what to do
   * @param cause what told of it
   */
  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
