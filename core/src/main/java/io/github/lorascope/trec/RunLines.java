package io.github.lorascope.trec;

import io.github.lorascope.io.LineReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The lines of a run, one by one, as they stand. */
final class RunLines implements AutoCloseable {
  private final Path file;
  private final LineReader lines;
  private final Columns columns;

  /** A line: a document that was retrieved for a query, and what the line calls its rank. */
  record Line(String query, ScoredDocument document, String rank, long number) {
    /** Tells whether the next line of the same query has a lower score, if it has a later rank. */
    boolean agreesWith(Line next) {
      return next.document.score() < document.score() || !isRankedBefore(next);
    }

    private boolean isRankedBefore(Line next) {
      try {
        return Long.parseLong(rank) < Long.parseLong(next.rank);
      } catch (NumberFormatException e) {
        return false; // no rank, no other order
      }
    }
  }

  RunLines(Path file) {
    this.file = file;
    this.lines = LineReader.open(file);
    this.columns =
        new Columns(lines, "a TREC run", "query", "Q0", "document", "rank", "score", "tag");
  }

  Path file() {
    return file;
  }

  /** Gives the next line, or null past the last one. */
  Line next() {
    List<String> line = columns.next();
    return line == null
        ? null
        : new Line(
            line.get(0),
            new ScoredDocument(line.get(2), score(line.get(4))),
            line.get(3),
            columns.number());
  }

  /** By way of a double, as C's atof goes; Java alone would read 1f and 0x1p3 as well. */
  private float score(String text) {
    boolean number = text.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.eE".indexOf(c) >= 0);
    try {
      return number ? (float) Double.parseDouble(text) : named(text);
    } catch (NumberFormatException e) {
      throw noNumber(text);
    }
  }

  private float named(String text) {
    return switch (text.replaceFirst("^[+-]", "").toLowerCase(Locale.ROOT)) {
      case "inf", "infinity" ->
          text.startsWith("-") ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
      case "nan" -> throw columns.wrong("has NaN for a score, which has no place in an order");
      default -> throw noNumber(text);
    };
  }

  private RuntimeException noNumber(String text) {
    return columns.wrong("has " + text + " for a score, which is no number");
  }

  double share() {
    return lines.share();
  }

  @Override
  public void close() {
    lines.close();
  }
}
