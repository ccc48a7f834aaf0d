package io.github.lorascope.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be read or written, where the platform names the file alone, or nothing. */
public final class IoReason {
  private IoReason() {}

  /**
   * Puts a reason into words.
   *
   * @param e what the platform reported
   * @return the reason
   */
  public static String of(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    if (e instanceof ClosedByInterruptException) {
      return "the thread was interrupted";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
