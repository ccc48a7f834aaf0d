package io.github.lorascope.data;

import java.nio.file.Path;

/**
 * Reads triples one by one from a file in MS MARCO's form: lines of a query, a relevant and an
 * irrelevant passage, separated by tabs; UTF-8, plain or gzip (told by the file's first bytes).
 * Holds one line in memory. Not safe for use by several threads.
 */
public final class TripleReader implements AutoCloseable {
  private static final int QUOTED = 60;
  private static final String[] FIELDS = {"query", "positive passage", "negative passage"};

  private final Path file;
  private final LineReader lines;

  private TripleReader(Path file, LineReader lines) {
    this.file = file;
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
    return new TripleReader(file, LineReader.open(file));
  }

  /**
   * Reads the next triple. Blank lines at the end of the file are ignored.
   *
   * @return the triple, or null past the last one
   * @throws TriplesException when a line is no triple, is blank or not UTF-8, or the file is
   *     damaged or empty
   */
  public Triple next() {
    String line = lines.next();
    if (line == null && lines.number() == 0) {
      throw new TriplesException(file + " is empty; give a file of triples");
    }
    if (line != null && line.isBlank() && line.indexOf('\t') < 0) {
      expectOnlyBlankLines(lines.number());
      return null;
    }
    return line == null ? null : parse(line);
  }

  private void expectOnlyBlankLines(long blank) {
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (!line.isBlank()) {
        throw new TriplesException(file + ", line " + blank + " is blank; remove it");
      }
    }
    if (blank == 1) {
      throw new TriplesException(file + " holds nothing but blank lines; give a file of triples");
    }
  }

  private Triple parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != FIELDS.length) {
      throw wrong(
          "has "
              + fields.length
              + (fields.length == 1 ? " field" : " fields")
              + " where query, positive and negative passage should be, separated by tabs",
          line);
    }
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].isBlank()) {
        throw wrong("has a blank " + FIELDS[i], line);
      }
    }
    return new Triple(fields[0], fields[1], fields[2]);
  }

  private TriplesException wrong(String what, String line) {
    return new TriplesException(
        file + ", line " + lines.number() + " " + what + ": \"" + quoted(line) + "\"");
  }

  private static String quoted(String line) {
    boolean whole = line.codePointCount(0, line.length()) <= QUOTED;
    String start = whole ? line : line.substring(0, line.offsetByCodePoints(0, QUOTED)) + "...";
    return start.replace("\t", "\\t").replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public void close() {
    lines.close();
  }
}
