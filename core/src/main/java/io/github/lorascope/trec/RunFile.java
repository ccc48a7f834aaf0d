package io.github.lorascope.trec;

import io.github.lorascope.io.RereadFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;

/**
 * A run in TREC's form: lines of query, "Q0", document, rank, score and tag, separated by white
 * space; UTF-8, plain or gzip. As for trec_eval 9, scores make the order and ranks say nothing: by
 * score as a 32-bit float, descending, then by document id, descending. The lines may stand in any
 * order and be more than memory holds: a file whose lines of a query follow each other is streamed
 * query by query, any other is read once for each million lines. Memory holds the ids of all
 * queries.
 *
 * <pre>{@code
 * RunFile bm25 = RunFile.scan(Path.of("bm25.run.gz"));
 * try (RunReader reader = bm25.open()) {
 *   for (QueryRanking of = reader.next(); of != null; of = reader.next()) {
 *     System.out.println(of.query() + ": " + of.documents().get(0).id());
 *   }
 * }
 * }</pre>
 */
public final class RunFile {
  private static final int LINES_AT_ONCE = 1_000_000;
  private static final int LINES_A_REPORT = 1 << 16;

  private final Path file;
  private final Map<String, Integer> sizes;
  private final boolean grouped;
  private final double disagreeing;

  private RunFile(Path file, Map<String, Integer> sizes, boolean grouped, double disagreeing) {
    this.file = file;
    this.sizes = sizes;
    this.grouped = grouped;
    this.disagreeing = disagreeing;
  }

  /**
   * Reads a file once, to see that every line is a run's and which queries it has.
   *
   * @param file the run; not a pipe, as it is read again
   * @return the run
   * @throws io.github.lorascope.io.FileReadException if a line is no run's or its score no number,
   *     or the file is missing, empty or damaged
   */
  public static RunFile scan(Path file) {
    return scan(file, share -> {});
  }

  /**
   * Does the same and tells how far it is.
   *
   * @param file the run; not a pipe, as it is read again
   * @param progress is told now and then, and at the end, which share of the file was read
   * @return the run
   * @throws io.github.lorascope.io.FileReadException if a line is no run's or its score no number,
   *     or the file is missing, empty or damaged
   */
  public static RunFile scan(Path file, DoubleConsumer progress) {
    RereadFile.require(file, "a run is");
    Map<String, Integer> sizes = new LinkedHashMap<>();
    boolean grouped = true;
    RunLines.Line last = null;
    long neighbours = 0;
    long disagreeing = 0;
    try (RunLines lines = new RunLines(file)) {
      for (RunLines.Line line = lines.next(); line != null; line = lines.next()) {
        boolean follows = last != null && line.query().equals(last.query());
        grouped &= sizes.merge(line.query(), 1, Math::addExact) == 1 || follows;
        neighbours += follows ? 1 : 0;
        disagreeing += follows && !last.agreesWith(line) ? 1 : 0;
        last = line;
        if (line.number() % LINES_A_REPORT == 0) {
          progress.accept(lines.share());
        }
      }
    }
    progress.accept(1);
    return new RunFile(
        file, sizes, grouped, neighbours == 0 ? 0 : (double) disagreeing / neighbours);
  }

  /**
   * Returns where it lies.
   *
   * @return the file
   */
  public Path path() {
    return file;
  }

  /**
   * Tells how often ranks and scores disagree. The scores alone count; a file whose ranks were
   * meant has scores that are distances, say, or all the same.
   *
   * @return of the lines that follow another one of their query, the share of those with a later
   *     rank and no lower score, from 0 to 1
   */
  public double ranksAgainstScores() {
    return disagreeing;
  }

  /**
   * Returns the queries that it has documents for.
   *
   * @return their ids, in the order in which they first appear
   */
  public Set<String> queries() {
    return Collections.unmodifiableSet(sizes.keySet());
  }

  /**
   * Counts the documents of a query.
   *
   * @param query the query's id
   * @return how many the run has, 0 for a query that it does not have
   */
  public int size(String query) {
    return sizes.getOrDefault(query, 0);
  }

  /**
   * Opens it for reading, query by query in the order of {@link #queries}.
   *
   * @return the reader, to be closed by the caller
   * @throws io.github.lorascope.io.FileReadException if it can no longer be read
   */
  public RunReader open() {
    return open(LINES_AT_ONCE);
  }

  RunReader open(int linesAtOnce) {
    return grouped ? new GroupedReader(file) : new ScatteredReader(file, sizes, linesAtOnce);
  }
}
