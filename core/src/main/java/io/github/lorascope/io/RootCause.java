package io.github.lorascope.io;

/** What an exception was thrown for in the first place, which says why a library does not load. */
public final class RootCause {
  private RootCause() {}

  /**
   * Follows the causes to the first.
   *
   * @param e what was thrown
   * @return its kind and message
   */
  public static String of(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.toString();
  }
}
