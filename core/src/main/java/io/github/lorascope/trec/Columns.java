package io.github.lorascope.trec;

import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.LineReader;
import java.util.ArrayList;
import java.util.List;

/** Lines of columns separated by white space of ASCII, as trec_eval divides them. */
final class Columns {
  private final LineReader lines;
  private final String what;
  private List<String> names;
  private String header;
  private List<String> headed;
  private String line;

  /**
   * @param lines the file, to be closed by the caller
   * @param what what it holds, for messages
   * @param names what stands in each column
   */
  Columns(LineReader lines, String what, String... names) {
    this.lines = lines;
    this.what = what;
    this.names = List.of(names);
  }

  /** Says which columns the lines have instead if the first one is this header. */
  void under(String exactHeader, String... otherNames) {
    header = exactHeader;
    headed = List.of(otherNames);
  }

  /** Gives the columns of the next line, or null past the last one. */
  List<String> next() {
    line = lines.nextRecord(what);
    if (line != null && lines.number() == 1 && line.equals(header)) {
      names = headed;
      line = lines.nextRecord(what);
    }
    if (line == null) {
      return null;
    }
    List<String> columns = split(line);
    if (columns.size() != names.size()) {
      throw wrong(
          "has "
              + columns.size()
              + (columns.size() == 1 ? " column" : " columns")
              + " where "
              + String.join(", ", names.subList(0, names.size() - 1))
              + " and "
              + names.get(names.size() - 1)
              + " should be, separated by white space");
    }
    return columns;
  }

  /** Makes the complaint about the line that was given last. */
  FileReadException wrong(String complaint) {
    return lines.wrong(complaint, line);
  }

  long number() {
    return lines.number();
  }

  private static List<String> split(String line) {
    List<String> columns = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= line.length(); i++) {
      boolean inside = i < line.length() && !isSpace(line.charAt(i));
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        columns.add(line.substring(start, i));
        start = -1;
      }
    }
    return columns;
  }

  /** What C's isspace knows; a document's id may hold any other space. */
  static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
