package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QrelsTest {
  @TempDir private Path folder;

  private Qrels read(String content) {
    return Qrels.read(TrecFiles.write(folder.resolve("qrels"), content));
  }

  @Test
  void readsLevelsByQueryAndDocument() {
    Qrels qrels = read("q2\t0\ta\t1\nq1 0 a 3\nq2 Q0 b -1\n");
    assertEquals(List.of("q2", "q1"), List.copyOf(qrels.queries()));
    assertEquals(Map.of("a", 1, "b", -1), qrels.of("q2"));
    assertEquals(Map.of(), qrels.of("q3"));
    Path packed = TrecFiles.gzip(folder.resolve("packed"), "q 0 a 1");
    assertEquals(Map.of("a", 1), Qrels.read(packed).of("q"));
  }

  @Test
  void badLinesAreNamed() {
    refused("q 0 a 1\nq 0 b\n", "qrels, line 2 has 3 columns");
    refused("q 0 a 1 1\n", "line 1 has 5 columns");
    refused("q 0 a high\n", "line 1 has high for a relevance");
    refused("q 0 a 1.5\n", "line 1 has 1.5 for a relevance");
    refused("q 0 a 1\nq 0 a 1\n", "line 2 judges document a for query q again");
    refused("", "is empty");
  }

  private void refused(String content, String... parts) {
    TrecFiles.assertRefused(() -> read(content), parts);
  }
}
