package io.github.lorascope.probe;

import io.github.lorascope.LorascopeException;

/** A probe cannot be fitted to what it was given, or ND4J cannot run on this machine. */
public class ProbeException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was wrong and what to do
   */
  public ProbeException(String message) {
    super(message);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param message what was wrong and what to do
   * @param cause what the platform reported
   */
  public ProbeException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what is missing where ND4J, or the LAPACK under it, cannot be loaded. */
  static ProbeException notLoaded(LinkageError cause) {
    return new ProbeException(
        "ND4J cannot load its native library on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + "; put nd4j-native and openblas for this platform on the class path",
        cause);
  }
}
