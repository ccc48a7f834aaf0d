package io.github.lorascope.data;

import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.LineReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Reads triples one by one from a file in MS MARCO's form: lines of a query, a relevant and an
 * irrelevant passage, separated by tabs; UTF-8, plain or gzip (told by the file's first bytes).
 * Holds one line in memory. Not safe for use by several threads.
 */
public final class TripleReader implements AutoCloseable {
  private static final Pattern QUERY_COLUMN = column("query|question|anchor|q");
  private static final Pattern POSITIVE_COLUMN = column("pos|positive");
  private static final Pattern NEGATIVE_COLUMN = column("neg|negative");
  private static final String[] FIELDS = {"query", "positive passage", "negative passage"};

  private final LineReader lines;

  private TripleReader(LineReader lines) {
    this.lines = lines;
  }

  /**
   * Opens a file.
   *
   * @param file the file
   * @return its reader; close it
   * @throws TriplesException when the file cannot be opened
   */
  public static TripleReader open(Path file) {
    try {
      return new TripleReader(LineReader.open(file));
    } catch (FileReadException e) {
      throw new TriplesException(e.getMessage(), e.getCause());
    }
  }

  /**
   * Reads the next triple. Blank lines at the end of the file are ignored.
   *
   * @return the triple, or null past the last one
   * @throws TriplesException when a line is no triple, has ids instead of texts, is blank or not
   *     UTF-8, or the file is damaged or empty
   */
  public Triple next() {
    try {
      String line = lines.nextRecord("triples");
      return line == null ? null : parse(line);
    } catch (FileReadException e) {
      throw new TriplesException(e.getMessage(), e.getCause());
    }
  }

  private Triple parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != FIELDS.length) {
      throw lines.wrong(
          "has "
              + fields.length
              + (fields.length == 1 ? " field" : " fields")
              + " where query, positive and negative passage should be, separated by tabs",
          line);
    }
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].isBlank()) {
        throw lines.wrong("has a blank " + FIELDS[i], line);
      }
    }
    if (lines.number() == 1 && isHeader(fields)) {
      throw lines.wrong("names the columns, which is no triple; remove it", line);
    }
    // MS MARCO also publishes its triples as numbers, which could be trained on unnoticed.
    if (Arrays.stream(fields).allMatch(field -> field.matches("[0-9]+"))) {
      throw lines.wrong(
          "holds ids and no texts; give the file of triples that has the texts", line);
    }
    return new Triple(fields[0], fields[1], fields[2]);
  }

  private static Pattern column(String names) {
    return Pattern.compile(
        "(?:" + names + ")s?(?:[_ ]?(?:text|passage|document|doc)s?)?", Pattern.CASE_INSENSITIVE);
  }

  private static boolean isHeader(String... fields) {
    return QUERY_COLUMN.matcher(fields[0]).matches()
        && POSITIVE_COLUMN.matcher(fields[1]).matches()
        && NEGATIVE_COLUMN.matcher(fields[2]).matches();
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (FileReadException e) {
      throw new TriplesException(e.getMessage(), e.getCause());
    }
  }
}
