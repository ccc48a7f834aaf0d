package io.github.lorascope.examples;

/** The beginning of a text, for a line of output. */
final class Excerpt {
  private Excerpt() {}

  /**
   * Returns a text, or its beginning and an ellipsis.
   *
   * @param length the most characters, 2 or more
   */
  static String of(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(length - 2)) ? length - 2 : length - 1;
    return text.substring(0, end) + "…";
  }
}
