package io.github.lorascope.io;

import io.github.lorascope.LorascopeException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** A file could not be written; what was there before is untouched. */
public class FileWriteException extends LorascopeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which file and why
   * @param cause what the platform reported
   */
  public FileWriteException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Says why a file could not be written, where the platform names the file alone.
   *
   * @param e what the platform reported
   * @return the reason
   */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such folder";
    }
    return e instanceof AccessDeniedException ? "no permission" : e.getMessage();
  }
}
