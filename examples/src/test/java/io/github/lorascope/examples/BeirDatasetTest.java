package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dataset in BEIR's form is searched, measured and made triples of as it is. */
class BeirDatasetTest {
  private static final String CORPUS =
      """
      {"_id": "a", "title": "Pie", "text": "red\\napple", "metadata": {"url": "x"}}
      {"_id": "b", "title": "", "text": "green apple apple"}
      {"_id": "c", "text": "blue sky"}
      {"_id": "d", "title": "Apple", "text": ""}
      """;

  @TempDir private Path folder;
  private Path corpus;
  private Path queries;
  private Path qrels;
  private Path run;

  @BeforeEach
  void write() throws IOException {
    corpus = folder.resolve("corpus.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(corpus))) {
      out.write(CORPUS.getBytes(StandardCharsets.UTF_8));
    }
    queries =
        Files.writeString(
            folder.resolve("queries.jsonl"),
            """
            {"_id": "1", "text": "pie", "metadata": {}}
            {"_id": "2", "text": "sky"}
            {"_id": "3", "text": "an apple of another split"}
            """);
    qrels =
        Files.writeString(
            Files.createDirectory(folder.resolve("qrels")).resolve("test.tsv"),
            "query-id\tcorpus-id\tscore\n1\ta\t0\n1\td\t1\n2\tc\t2\n");
    run = folder.resolve("bm25.run");
  }

  private Program.Result run(Class<?> program, Object... arguments) {
    List<String> texts = new ArrayList<>();
    for (Object argument : arguments) {
      texts.add(argument.toString());
    }
    return Program.run(folder.resolve("log"), program, texts);
  }

  private Program.Result search() {
    return run(Bm25Run.class, "--collection", corpus, "--queries", queries, "--out", run);
  }

  @Test
  void isSearchedAndMeasured() throws IOException {
    Program.Result searched = search();
    assertEquals(0, searched.status(), searched.err());
    List<String> found =
        Files.readAllLines(run).stream().map(l -> l.replaceAll(" Q0 (\\S+) .*", " $1")).toList();
    assertEquals(List.of("1 a", "2 c", "3 b", "3 d", "3 a"), found);
    Program.Result measured =
        run(EvaluateRun.class, "--qrels", qrels, "--run", run, "--measures", "recip_rank");
    assertEquals(0, measured.status(), measured.err());
    assertEquals("recip_rank            \tall\t0.5000", measured.lastLine());
    assertTrue(measured.err().contains("0 judged alone, 1 retrieved for alone"), measured.err());
  }

  @Test
  void givesTriples() throws IOException {
    assertEquals(0, search().status());
    Path out = folder.resolve("triples.tsv");
    Program.Result made =
        run(
            MakeTriples.class,
            "--run",
            run,
            "--qrels",
            qrels,
            "--collection",
            corpus,
            "--queries",
            queries,
            "--out",
            out);
    assertEquals(0, made.status(), made.err());
    assertEquals(List.of("pie\tApple\tPie red apple"), Files.readAllLines(out));
  }

  @Test
  void aBadLineIsOneLineAndStatus1() throws IOException {
    Files.writeString(queries, "{\"_id\": 1, \"text\": \"pie\"}\n");
    Program.Result refused = search();
    assertEquals(1, refused.status());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains("line 1: _id has to be a string but is 1"), refused.err());
  }
}
