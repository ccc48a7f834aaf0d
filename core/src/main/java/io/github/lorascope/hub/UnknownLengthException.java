package io.github.lorascope.hub;

import java.io.IOException;

/**
 * In place of the rest of a file comes something of which nobody says how long it is: a page of a
 * proxy, or the whole file from a server that knows neither ranges nor lengths.
 */
final class UnknownLengthException extends IOException {
  private static final long serialVersionUID = 1L;

  UnknownLengthException(ListedFile file) {
    super("something of unknown length came in place of the rest of " + file.name());
  }
}
