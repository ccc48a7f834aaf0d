package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.OtherProcess;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RerankJournalTest {
  private static final RerankedQuery QUERY =
      new RerankedQuery(new QueryRanking("q1", List.of(new ScoredDocument("d1", 0.5f))), 2, true);

  private static final Map<String, String> SETTINGS = Map.of(RerankJournal.RUN, "a1", "top_k", "5");

  @TempDir private Path folder;

  /** The system's locks are of a process, and end when it closes any channel of the file. */
  @Test
  void anotherProcessIsKeptOutUntilTheEnd() throws Exception {
    Path file = folder.resolve("run.partial");
    try (RerankJournal journal = RerankJournal.open(file, SETTINGS)) {
      journal.append(QUERY);
      assertEquals(List.of(QUERY), journal.queries());
      journal.append(QUERY);
      assertEquals(List.of(QUERY, QUERY), journal.queries());
      assertTrue(OtherProcess.isKeptFrom(file));
    }
    assertFalse(OtherProcess.isKeptFrom(file));
    try (RerankJournal journal = RerankJournal.open(file, SETTINGS)) {
      assertEquals(2, journal.queries().size());
      assertTrue(OtherProcess.isKeptFrom(file));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "half a download",
        "q1\tfirst\nq2\tsec",
        "\n",
        "{\"query\":\"q1\"}\n",
        "{\"top_k\":\"5\"}\n{\"query\":\"q1\"",
        "{\"run_sha256\":1}\n",
        "{\"tag\":\"bm25"
      })
  void aFileOfSomethingElseIsLeftAsItIs(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("run.partial"), content);
    String message =
        assertThrows(ResumeException.class, () -> RerankJournal.open(file, SETTINGS)).getMessage();
    assertTrue(message.contains("run.partial is not what a reranking has left"), message);
    assertEquals(content, Files.readString(file));
  }

  @Test
  void aFirstLineThatWasCutOffIsBegunAnew() throws IOException {
    Path file = folder.resolve("run.partial");
    String line = "{\"run_sha256\":\"a1\",\"top_k\":\"5\"}\n";
    for (int length = 0; length <= line.length(); length++) {
      Files.writeString(file, line.substring(0, length));
      try (RerankJournal journal = RerankJournal.open(file, SETTINGS)) {
        assertEquals(List.of(), journal.queries());
        assertEquals(line, Files.readString(file));
      }
    }
  }
}
