package io.github.lorascope.trec;

import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.LineReader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Relevance judgments in TREC's form: lines of query, iteration (which says nothing), document and
 * level of relevance, separated by white space; or in BEIR's: the same without an iteration, under
 * the header {@code query-id}, {@code corpus-id}, {@code score}, separated by tabs. UTF-8, plain or
 * gzip.
 */
public final class Qrels {
  private static final String BEIR_HEADER = "query-id\tcorpus-id\tscore";

  private final Path file;
  private final Map<String, Map<String, Integer>> levels;

  private Qrels(Path file, Map<String, Map<String, Integer>> levels) {
    this.file = file;
    this.levels = levels;
  }

  /**
   * Reads a file into memory.
   *
   * @param file the judgments
   * @return the judgments
   * @throws io.github.lorascope.io.FileReadException if a line is no judgment, a document is judged
   *     twice for a query, or the file is missing, empty or damaged
   */
  public static Qrels read(Path file) {
    Map<String, Map<String, Integer>> levels = new LinkedHashMap<>();
    try (LineReader lines = LineReader.open(file)) {
      Columns columns =
          new Columns(lines, "relevance judgments", "query", "iteration", "document", "relevance");
      columns.under(BEIR_HEADER, "query", "document", "relevance");
      for (List<String> line = columns.next(); line != null; line = columns.next()) {
        boolean beir = line.size() == 3;
        String query = beir ? unquoted(line.get(0), columns) : line.get(0);
        String document = beir ? unquoted(line.get(1), columns) : line.get(2);
        Map<String, Integer> ofQuery = levels.computeIfAbsent(query, id -> new HashMap<>());
        if (ofQuery.put(document, level(line.get(line.size() - 1), columns)) != null) {
          throw columns.wrong(
              "judges document "
                  + document
                  + " for query "
                  + query
                  + " again; remove one of the two lines");
        }
      }
    }
    if (levels.isEmpty()) {
      throw new FileReadException(
          file + " has a header and nothing else; give a file of relevance judgments");
    }
    return new Qrels(file, levels);
  }

  /**
   * Python's csv, which BEIR writes and reads with, quotes an id that has a quote, and doubles it.
   */
  private static String unquoted(String id, Columns columns) {
    if (!id.startsWith("\"")) {
      return id;
    }
    String inside = id.substring(1, Math.max(1, id.length() - 1));
    if (!id.endsWith("\"") || id.length() == 1 || inside.replace("\"\"", "").contains("\"")) {
      throw columns.wrong("has an id whose quotes do not close; double those within it");
    }
    return inside.replace("\"\"", "\"");
  }

  private static int level(String text, Columns columns) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw columns.wrong("has " + text + " for a relevance, which is no whole number");
    }
  }

  /**
   * Returns where they lie.
   *
   * @return the file
   */
  public Path path() {
    return file;
  }

  /**
   * Returns the queries that were judged.
   *
   * @return their ids, in the order in which they first appear
   */
  public Set<String> queries() {
    return Collections.unmodifiableSet(levels.keySet());
  }

  /**
   * Returns how far the levels go.
   *
   * @return the highest level of any document
   */
  public int highestLevel() {
    return levels.values().stream()
        .flatMap(of -> of.values().stream())
        .mapToInt(Integer::intValue)
        .max()
        .orElse(0);
  }

  /**
   * Returns what was judged for a query.
   *
   * @param query the query's id
   * @return the level of relevance by document id; empty for a query that was not judged
   */
  public Map<String, Integer> of(String query) {
    return Collections.unmodifiableMap(levels.getOrDefault(query, Map.of()));
  }
}
