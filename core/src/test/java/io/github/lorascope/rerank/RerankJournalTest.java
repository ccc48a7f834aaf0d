package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerankJournalTest {
  private static final RerankedQuery QUERY =
      new RerankedQuery(new QueryRanking("q1", List.of(new ScoredDocument("d1", 0.5f))), 2, true);

  private static final String PROBE =
      """
      import java.nio.channels.FileChannel;
      import java.nio.file.Path;
      import java.nio.file.StandardOpenOption;

      class Probe {
        public static void main(String[] arguments) throws Exception {
          Path file = Path.of(arguments[0]);
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            System.exit(channel.tryLock() == null ? 3 : 0);
          }
        }
      }
      """;

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
      assertEquals(3, lockElsewhere(file));
    }
    assertEquals(0, lockElsewhere(file));
    try (RerankJournal journal = RerankJournal.open(file, Map.of("top k", "5"))) {
      assertEquals(2, journal.queries().size());
      assertEquals(3, lockElsewhere(file));
    }
  }

  private int lockElsewhere(Path file) throws IOException, InterruptedException {
    Path source = Files.writeString(folder.resolve("Probe.java"), PROBE);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(java.toString(), source.toString(), file.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start()
        .waitFor();
  }
}
