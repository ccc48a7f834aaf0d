package io.github.lorascope.trec;

/** Gives a run query by query. Not safe for use by several threads. */
public interface RunReader extends AutoCloseable {
  /**
   * Reads what the run has for the next query.
   *
   * @return its documents in trec_eval's order, or null past the last query
   * @throws io.github.lorascope.io.FileReadException if a document comes twice, or the file is no
   *     longer what it was
   */
  QueryRanking next();

  @Override
  void close();
}
