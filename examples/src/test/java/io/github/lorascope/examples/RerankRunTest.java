package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** First stage, reranking and an interrupt, as programs on files. */
class RerankRunTest {
  private static final int QUERIES = 1500;

  @TempDir private static Path folder;

  @BeforeAll
  static void write() throws IOException {
    TinyFolder.model(folder.resolve("model"));
    StringBuilder passages = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      passages.append("p").append(i).append("\tthe word").append(i % 8).append(" here, and word");
      passages.append(i % 5).append(" there\n");
    }
    Files.writeString(folder.resolve("collection.tsv"), passages);
    StringBuilder queries = new StringBuilder();
    for (int i = 0; i < QUERIES; i++) {
      queries.append(i).append("\tword").append(i % 8).append('\n');
    }
    Files.writeString(folder.resolve("queries.tsv"), queries);
  }

  private static String file(String name) {
    return folder.resolve(name).toString();
  }

  private static List<String> texts(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--collection", file("collection.tsv"), "--queries", file("queries.tsv")));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static List<String> reranking(String out, String topK) {
    return texts(
        "--model",
        file("model"),
        "--run",
        file("bm25.run"),
        "--out",
        file(out),
        "--top-k",
        topK,
        "--threads",
        "1");
  }

  private static Program.Result run(Class<?> program, List<String> arguments) {
    return Program.run(folder.resolve("log"), program, arguments);
  }

  private static long lines(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  @Test
  void anInterruptedRerankingGoesOnToTheSameRun() throws Exception {
    Program.Result bm25 = run(Bm25Run.class, texts("--out", file("bm25.run"), "--hits", "6"));
    assertEquals("run: " + file("bm25.run"), bm25.lastLine(), bm25.err());
    assertEquals(6 * QUERIES, lines("bm25.run"));
    Program.Result straight = run(RerankRun.class, reranking("straight.run", "4"));
    assertEquals("run: " + file("straight.run"), straight.lastLine(), straight.err());
    assertReranked();

    Process process =
        Program.start(folder.resolve("log"), RerankRun.class, reranking("stopped.run", "4"));
    while (process.isAlive() && lines("stopped.run.partial") < 3) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    process.destroy();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "an interrupt does not end it");
    assertTrue(Files.readString(folder.resolve("log.err")).contains("the same command goes on"));
    assertFalse(Files.exists(folder.resolve("stopped.run")));

    Program.Result other = run(RerankRun.class, reranking("stopped.run", "3"));
    assertEquals(1, other.status());
    assertTrue(other.err().contains("begun with top_k = 4, which is 3 now"), other.err());
    Program.Result rest = run(RerankRun.class, reranking("stopped.run", "4"));
    assertEquals(0, rest.status(), rest.err());
    assertTrue(rest.err().contains("queries of an earlier start: position bias"), rest.err());
    assertFalse(straight.err().contains("earlier start"), straight.err());
    assertEquals(-1, Files.mismatch(folder.resolve("straight.run"), folder.resolve("stopped.run")));
    assertFalse(Files.exists(folder.resolve("stopped.run.partial")));
  }

  @Test
  void aQueryThatLeavesNoRoomIsNamedBeforeAnyIsAsked() throws IOException {
    Files.writeString(
        folder.resolve("two.run"),
        "0 Q0 p0 1 1 t\n0 Q0 p1 2 1 t\nlong Q0 p0 1 1 t\nlong Q0 p1 2 1 t\n");
    Files.writeString(
        folder.resolve("two.tsv"), "0\tword1\nlong\t" + "word1 word2 ".repeat(40) + "\n");
    Program.Result result =
        run(
            RerankRun.class,
            List.of(
                "--collection",
                file("collection.tsv"),
                "--queries",
                file("two.tsv"),
                "--model",
                file("model"),
                "--run",
                file("two.run"),
                "--out",
                file("two.out"),
                "--max-tokens",
                "60"));
    assertEquals(1, result.status());
    assertTrue(result.err().contains("query long: the query takes"), result.err());
    assertTrue(result.err().contains("say another order than its scores"), result.err());
    assertEquals(0, lines("two.out.partial"), "something was asked");
  }

  /** The same documents a query; the last two where they were; scores strictly decreasing. */
  private static void assertReranked() throws IOException {
    List<String> before = Files.readAllLines(folder.resolve("bm25.run"));
    List<String> after = Files.readAllLines(folder.resolve("straight.run"));
    assertEquals(before.size(), after.size());
    Set<String> moved = new HashSet<>();
    for (int from = 0; from < before.size(); from += 6) {
      Set<String> first = new HashSet<>();
      Set<String> reranked = new HashSet<>();
      float last = Float.POSITIVE_INFINITY;
      for (int i = from; i < from + 6; i++) {
        String[] was = before.get(i).split(" ", -1);
        String[] is = after.get(i).split(" ", -1);
        assertEquals(was[0], is[0]);
        assertEquals("" + (i - from + 1), is[3]);
        assertEquals("lorascope", is[5]);
        float score = Float.parseFloat(is[4]);
        assertTrue(score < last, after.get(i));
        last = score;
        if (i < from + 4) {
          first.add(was[2]);
          reranked.add(is[2]);
          if (!was[2].equals(is[2])) {
            moved.add(was[0]);
          }
        } else {
          assertEquals(was[2], is[2]);
        }
      }
      assertEquals(first, reranked);
    }
    assertFalse(moved.isEmpty(), "the reranking changes no order");
  }

  /** Six passages a query: heapsort needs more than 10 questions, and the first alone 10. */
  @Test
  void anyStrategyKeepsToItsBudgetAndReportsItself() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int query = 0; query < 8; query++) {
      for (int i = 0; i < 6; i++) {
        lines.append(query).append(" Q0 p").append(8 * i + query).append(" 1 ").append(-i);
        lines.append(" t\n");
      }
    }
    Files.writeString(folder.resolve("six.run"), lines);
    List<String> arguments = new ArrayList<>(reranking("heap.run", "6"));
    arguments.set(arguments.indexOf(file("bm25.run")), file("six.run"));
    arguments.addAll(List.of("--strategy", "heapsort", "--budget", "10"));
    Program.Result bounded = run(RerankRun.class, arguments);
    assertEquals("run: " + file("heap.run"), bounded.lastLine(), bounded.err());
    assertTrue(
        bounded.err().contains("80 pairs asked; the budget ended 8 of 8 queries"), bounded.err());
    assertTrue(bounded.err().contains("(n = 8), decisions that flip "), bounded.err());
    assertTrue(bounded.err().contains("; confidence 0."), bounded.err());
    assertEquals(8 * 6, lines("heap.run"));

    arguments.set(arguments.indexOf("heapsort"), "tournament");
    arguments.addAll(List.of("--wanted", "1", "--aggregate", "bradley-terry"));
    Program.Result first = run(RerankRun.class, arguments);
    assertEquals(0, first.status(), first.err());
    assertTrue(first.err().contains("80 pairs asked\n"), first.err());

    arguments.addAll(List.of("--passes", "2"));
    refused("--passes is for --strategy sliding-window; tournament makes none", arguments);
    arguments.set(arguments.indexOf("tournament"), "sliding-window");
    arguments.add("--one-position");
    Program.Result passes = run(RerankRun.class, arguments);
    assertEquals(0, passes.status(), passes.err());
    assertTrue(passes.err().contains("pairs asked"), passes.err());
    assertFalse(passes.err().contains("position bias"), "of one position there is none");
    arguments.set(arguments.indexOf("sliding-window"), "bubbles");
    Program.Result none = run(RerankRun.class, arguments);
    assertEquals(2, none.status());
    assertTrue(none.err().contains("'bubbles' is not one of all-pairs, heapsort"), none.err());
  }

  @Test
  void badInputIsOneLineAndStatus1() throws IOException {
    Files.writeString(folder.resolve("bad.run"), "0 Q0 p1 1 1 t\n0 Q0 absent 2 0 t\n");
    List<String> arguments = new ArrayList<>(reranking("refused.run", "2"));
    arguments.set(arguments.indexOf(file("bm25.run")), file("bad.run"));
    refused("collection.tsv lacks 1 document of", arguments);
    arguments.set(arguments.indexOf("2"), "0");
    refused("the first 0 documents", arguments);
    assertFalse(Files.exists(folder.resolve("refused.run")));
    assertFalse(Files.exists(folder.resolve("refused.run.partial")));
  }

  /** A hook that waits for work to end must not be left behind by work that never began. */
  @Test
  void withoutATemporaryFolderTheFirstStageEnds() {
    String missing = file("missing");
    Program.Result result =
        Program.runWith(
            "-Djava.io.tmpdir=" + missing,
            folder.resolve("log"),
            Bm25Run.class,
            texts("--out", file("none.run")));
    assertEquals(1, result.status());
    List<String> lines = result.err().lines().toList();
    String last = lines.get(lines.size() - 1);
    assertTrue(last.startsWith("Bm25Run: Cannot make a temporary folder"), result.err());
    assertTrue(last.contains(missing) && last.contains("--index"), result.err());
  }

  private static void refused(String part, List<String> arguments) {
    Program.Result result = run(RerankRun.class, arguments);
    List<String> lines = result.err().lines().toList();
    assertTrue(lines.get(lines.size() - 1).contains(part), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
