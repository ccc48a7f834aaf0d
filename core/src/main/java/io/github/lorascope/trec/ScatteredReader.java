package io.github.lorascope.trec;

import io.github.lorascope.io.FileReadException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a run whose lines of a query lie anywhere: each pass over the file collects as many queries
 * as a bound of lines allows.
 */
final class ScatteredReader implements RunReader {
  private final Path file;
  private final Map<String, Integer> sizes;
  private final Iterator<String> queries;
  private final int linesAtOnce;
  private final Deque<QueryRanking> ready = new ArrayDeque<>();
  private String ahead;

  /**
   * @param sizes how many lines each query has
   * @param linesAtOnce how many to hold; a query that has more is held alone
   */
  ScatteredReader(Path file, Map<String, Integer> sizes, int linesAtOnce) {
    this.file = file;
    this.sizes = sizes;
    this.queries = sizes.keySet().iterator();
    this.linesAtOnce = linesAtOnce;
    this.ahead = queries.next();
  }

  @Override
  public QueryRanking next() {
    if (ready.isEmpty() && ahead != null) {
      collect(wanted());
    }
    return ready.poll();
  }

  private Map<String, RankingBuilder> wanted() {
    Map<String, RankingBuilder> wanted = new LinkedHashMap<>();
    long lines = 0;
    do {
      lines += sizes.get(ahead);
      wanted.put(ahead, new RankingBuilder(file, ahead));
      ahead = queries.hasNext() ? queries.next() : null;
    } while (ahead != null && lines + sizes.get(ahead) <= linesAtOnce);
    return wanted;
  }

  private void collect(Map<String, RankingBuilder> wanted) {
    try (RunLines lines = new RunLines(file)) {
      for (RunLines.Line line = lines.next(); line != null; line = lines.next()) {
        RankingBuilder ranking = wanted.get(line.query());
        if (ranking != null) {
          ranking.add(line);
        }
      }
    }
    wanted.forEach(
        (query, ranking) -> {
          if (ranking.size() != sizes.get(query)) {
            throw new FileReadException(file + " has changed while it was read; start again");
          }
          ready.add(ranking.build());
        });
  }

  @Override
  public void close() {
    // every pass closes the file
  }
}
