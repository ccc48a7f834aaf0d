package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.OtherProcess;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerankJournalTest {
  private static final RerankedQuery QUERY =
      new RerankedQuery(new QueryRanking("q1", List.of(new ScoredDocument("d1", 0.5f))), 2, true);

  @TempDir private Path folder;

  /** The system's locks are of a process, and end when it closes any channel of the file. */
  @Test
  void anotherProcessIsKeptOutUntilTheEnd() throws Exception {
    Path file = folder.resolve("run.partial");
    try (RerankJournal journal = RerankJournal.open(file, Map.of("top k", "5"))) {
      journal.append(QUERY);
      assertEquals(List.of(QUERY), journal.queries());
      journal.append(QUERY);
      assertEquals(List.of(QUERY, QUERY), journal.queries());
      assertTrue(OtherProcess.isKeptFrom(file));
    }
    assertFalse(OtherProcess.isKeptFrom(file));
    try (RerankJournal journal = RerankJournal.open(file, Map.of("top k", "5"))) {
      assertEquals(2, journal.queries().size());
      assertTrue(OtherProcess.isKeptFrom(file));
    }
  }
}
