package io.github.lorascope.trec;

import io.github.lorascope.io.LineReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;

/**
 * Reads passages or queries one by one; UTF-8, plain or gzip. Their form is MS MARCO's ({@code
 * collection.tsv}, {@code queries.tsv}), lines of an id and a text, separated by a tab; or, where
 * the first line begins with a brace, BEIR's ({@code corpus.jsonl}, {@code queries.jsonl}): lines
 * of a JSON object with the strings {@code _id} and {@code text}. A {@code title}, which may be
 * missing, then stands before the text, with a space between. Holds one line in memory. Not safe
 * for use by several threads.
 */
public final class TextReader implements AutoCloseable {
  private static final int LINES_A_REPORT = 1 << 14;
  private static final Set<String> ID_COLUMNS =
      Set.of(
          "id",
          "_id",
          "qid",
          "pid",
          "docid",
          "query_id",
          "doc_id",
          "passage_id",
          "query-id",
          "corpus-id");
  private static final Set<String> TEXT_COLUMNS =
      Set.of("text", "query", "passage", "contents", "content", "document", "question");

  private final Path file;
  private final LineReader lines;
  private boolean beir;

  private TextReader(Path file) {
    this.file = file;
    this.lines = LineReader.open(file);
  }

  /**
   * Opens a file.
   *
   * @param file the file
   * @return its reader, to be closed by the caller
   * @throws io.github.lorascope.io.FileReadException if it cannot be opened
   */
  public static TextReader open(Path file) {
    return new TextReader(file);
  }

  /**
   * Reads the next text.
   *
   * @return the text with its id, or null past the last one; a text may be empty
   * @throws io.github.lorascope.io.FileReadException if a line is not an id and a text, the id is
   *     blank or has white space, or the file is empty or damaged
   */
  public IdentifiedText next() {
    String line = lines.nextRecord("lines of an id and a text");
    if (line == null) {
      return null;
    }
    if (lines.number() == 1) {
      beir = BeirText.begins(line);
    }
    IdentifiedText text =
        beir ? BeirText.read(line, file + ", line " + lines.number()) : separated(line);
    requireWord(text.id(), line);
    return text;
  }

  private IdentifiedText separated(String line) {
    int tab = line.indexOf('\t');
    int fields = 1 + (int) line.chars().filter(c -> c == '\t').count();
    if (fields != 2) {
      throw lines.wrong(
          "has "
              + fields
              + (fields == 1 ? " field" : " fields")
              + " where an id and a text should be, separated by a tab",
          line);
    }
    IdentifiedText text = new IdentifiedText(line.substring(0, tab), line.substring(tab + 1));
    if (lines.number() == 1
        && ID_COLUMNS.contains(lower(text.id()))
        && TEXT_COLUMNS.contains(lower(text.text()))) {
      throw lines.wrong("names the columns, which is no text; remove it", line);
    }
    return text;
  }

  private void requireWord(String id, String line) {
    if (id.isBlank()) {
      throw lines.wrong("has a blank id", line);
    }
    if (id.chars().anyMatch(c -> Columns.isSpace((char) c))) {
      throw lines.wrong(
          "has an id with white space, which divides the columns of a run; rename it", line);
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * Tells how far it is.
   *
   * @return the share of the file that was read, from 0 to 1
   */
  public double share() {
    return lines.share();
  }

  /**
   * Reads a file once and keeps some of its texts.
   *
   * @param file the file
   * @param wanted tells by the id which
   * @param progress is told now and then, and at the end, which share of the file was read; it may
   *     throw to end the reading
   * @return those that the file has, by id, in its order
   * @throws io.github.lorascope.io.FileReadException if a line is not an id and a text, a wanted id
   *     comes twice, or the file is missing, empty or damaged
   */
  public static Map<String, String> select(
      Path file, Predicate<String> wanted, DoubleConsumer progress) {
    Map<String, String> texts = new LinkedHashMap<>();
    try (TextReader reader = open(file)) {
      for (IdentifiedText text = reader.next(); text != null; text = reader.next()) {
        if (wanted.test(text.id()) && texts.putIfAbsent(text.id(), text.text()) != null) {
          throw reader.lines.wrong(
              "has the id " + text.id() + " again; an id stands for one text", text.text());
        }
        if (reader.lines.number() % LINES_A_REPORT == 0) {
          progress.accept(reader.share());
        }
      }
    }
    progress.accept(1);
    return texts;
  }

  @Override
  public void close() {
    lines.close();
  }
}
