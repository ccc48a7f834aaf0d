package io.github.lorascope.report.html;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Text in rows and columns.
 *
 * @param title what it shows
 * @param headers one a column
 * @param rows cells, as many in each row as there are headers
 */
public record Table(String title, List<String> headers, List<List<String>> rows) {
  /** A longer word, such as a hash, may be broken anywhere. */
  private static final Pattern LONG_WORD = Pattern.compile("\\S{25}");

  /** Checks that every row is as long as the header, and copies. */
  public Table {
    headers = List.copyOf(headers);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<String> row : rows) {
      if (row.size() != headers.size()) {
        throw new IllegalArgumentException(
            title + ": a row has " + row.size() + " cells under " + headers.size() + " headers");
      }
    }
  }

  /**
   * The table in a box that scrolls sideways where it is too wide.
   *
   * @return HTML
   */
  public String toHtml() {
    StringBuilder out = new StringBuilder("<div class=\"scroll\" tabindex=\"0\"><table><caption>");
    out.append(Html.escape(title)).append("</caption>\n<thead><tr>");
    headers.forEach(header -> cell(out, "th scope=\"col\"", "th", header));
    out.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      out.append("<tr>");
      row.forEach(
          text ->
              cell(out, LONG_WORD.matcher(text).find() ? "td class=\"long\"" : "td", "td", text));
      out.append("</tr>\n");
    }
    return out.append("</tbody></table></div>\n").toString();
  }

  private static void cell(StringBuilder out, String open, String close, String text) {
    out.append('<').append(open).append('>').append(Html.escape(text));
    out.append("</").append(close).append('>');
  }
}
