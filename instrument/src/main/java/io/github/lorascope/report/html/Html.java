package io.github.lorascope.report.html;

/** Text that is safe within HTML, in content and in quoted attributes. */
public final class Html {
  private Html() {}

  /**
   * Escapes a text.
   *
   * @param text any text
   * @return the text with its markup characters as entities and without control characters
   */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(isShown(c, text, i) ? c : '\uFFFD');
      }
    }
    return out.toString();
  }

  /** Control characters and lone surrogates have no place in a document. */
  private static boolean isShown(char c, String text, int at) {
    if (Character.isHighSurrogate(c)) {
      return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
    return c == '\t' || c == '\n' || c == '\r' || !Character.isISOControl(c);
  }
}
