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
  void readsThoseOfBeir() {
    String content =
        "query-id\tcorpus-id\tscore\r\nq2\ta\t2\r\nq1\ta\t0\nq2\tb\t-1\n"
            + "q2\t<\"c\">\t1\nq2\t\"\"\"d\"\"_e\"\t1\n";
    Qrels qrels = read(content);
    assertEquals(List.of("q2", "q1"), List.copyOf(qrels.queries()));
    assertEquals(Map.of("a", 2, "b", -1, "<\"c\">", 1, "\"d\"_e", 1), qrels.of("q2"));
    assertEquals(Map.of("a", 0), qrels.of("q1"));
    Path packed = TrecFiles.gzip(folder.resolve("packed"), content);
    assertEquals(qrels.of("q2"), Qrels.read(packed).of("q2"));
  }

  @Test
  void onlyBeirsOwnHeaderIsTaken() {
    String header = "query-id\tcorpus-id\tscore\n";
    refused("query-id corpus-id score\nq\ta\t1\n", "line 1 has 3 columns");
    refused("query_id\tcorpus_id\tscore\nq\ta\t1\n", "line 1 has 3 columns");
    refused("query-id\titeration\tcorpus-id\tscore\nq\t0\ta\t1\n", "has score for a relevance");
    refused("q\ta\t1\n", "line 1 has 3 columns where query, iteration, document and relevance");
    refused("q 0 a 1\n" + header, "line 2 has 3 columns");
    refused(header + header, "line 2 has score for a relevance");
    refused(header + "q 0 a 1\n", "line 2 has 4 columns where query, document and relevance");
    refused(header + "q\ta\t1\nq\ta\t0\n", "line 3 judges document a for query q again");
    refused(header + "q\ta\t1.0\n", "line 2 has 1.0 for a relevance");
    for (String id : List.of("\"", "\"a", "\"a\"b", "\"a\"b\"", "\"\"\"")) {
      refused(header + "q\t" + id + "\t1\n", "line 2 has an id whose quotes do not close");
    }
    refused(header, "qrels has a header and nothing else");
    refused(header + "\n", "qrels has a header and nothing else");
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
