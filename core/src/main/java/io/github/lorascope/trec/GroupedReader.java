package io.github.lorascope.trec;

import java.nio.file.Path;

/** Reads a run whose lines of a query follow each other, holding one query. */
final class GroupedReader implements RunReader {
  private final RunLines lines;
  private RunLines.Line ahead;

  GroupedReader(Path file) {
    lines = new RunLines(file);
    ahead = lines.next();
  }

  @Override
  public QueryRanking next() {
    if (ahead == null) {
      return null;
    }
    String query = ahead.query();
    RankingBuilder ranking = new RankingBuilder(lines.file(), query);
    while (ahead != null && ahead.query().equals(query)) {
      ranking.add(ahead);
      ahead = lines.next();
    }
    return ranking.build();
  }

  @Override
  public void close() {
    lines.close();
  }
}
