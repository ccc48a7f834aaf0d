package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One search, reranked through Lucene, LangChain4j and Spring AI. */
class RerankSearchTest {
  private static final int HITS = 6;

  @TempDir private static Path folder;

  @BeforeAll
  static void write() {
    TinyFolder.model(folder.resolve("model"));
  }

  private static Program.Result run(Class<?> program, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--model", folder.resolve("model").toString(), "--threads", "1"));
    arguments.addAll(List.of(more));
    return Program.run(folder.resolve("log"), program, arguments);
  }

  /**
   * What a program prints.
   *
   * @param before the hits by BM25, a line each
   * @param after those that are reranked
   * @param prompt what a chat model would read
   */
  private record Output(List<String> before, List<String> after, String prompt) {
    static Output of(Class<?> program) {
      Program.Result result = run(program, "--hits", "" + HITS);
      assertEquals(0, result.status(), result.err());
      assertTrue(result.err().contains("no adapter"), result.err());
      List<String> lines = result.out().lines().toList();
      assertEquals("query: what is judiciary? (* answers it)", lines.get(0));
      assertEquals("by BM25:", lines.get(1));
      assertTrue(lines.get(HITS + 2).startsWith("reranked through "), lines.get(HITS + 2));
      int end = 2 * HITS + 3;
      return new Output(
          lines.subList(2, HITS + 2),
          lines.subList(HITS + 3, end),
          String.join("\n", lines.subList(end, lines.size())));
    }
  }

  private static double score(String line) {
    return Double.parseDouble(line.strip().split(" +", -1)[1]);
  }

  @Test
  void allThreeGiveTheSameOrder() {
    Output lucene = Output.of(RerankLucene.class);
    List<Integer> first = List.of(1, 2, 3, 4, 5, 6);
    assertEquals(first, places(lucene.before()));
    assertEquals(Set.copyOf(first), Set.copyOf(places(lucene.after())));
    assertNotEquals(first, places(lucene.after()), "the reranking changes no order");
    assertDescending(lucene.before());
    assertDescending(lucene.after());
    assertTrue(lucene.after().stream().allMatch(line -> score(line) >= 0 && score(line) <= 1));
    assertEquals(1, lucene.after().stream().filter(line -> line.charAt(13) == '*').count());
    assertEquals("", lucene.prompt());

    String best = lucene.after().get(0).substring(15).replace("…", "");
    for (Class<?> program : List.of(RerankLangChain4j.class, RerankSpringAi.class)) {
      Output other = Output.of(program);
      assertEquals(lucene.before(), other.before(), program.getName());
      assertEquals(lucene.after(), other.after(), program.getName());
      assertTrue(other.prompt().startsWith("a chat model would read:\n"), other.prompt());
      assertTrue(other.prompt().contains(best.strip()), other.prompt());
    }
  }

  private static List<Integer> places(List<String> lines) {
    return lines.stream().map(line -> Integer.parseInt(line.strip().split(" +", -1)[0])).toList();
  }

  private static void assertDescending(List<String> lines) {
    for (int i = 1; i < lines.size(); i++) {
      assertTrue(score(lines.get(i)) <= score(lines.get(i - 1)), "" + lines);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {RerankLucene.class, RerankLangChain4j.class, RerankSpringAi.class})
  void badInputIsOneLineAndStatus1(Class<?> program) {
    refused("0 hits", run(program, "--hits", "0"));
    refused("no passage has a word of the query 'of the'", run(program, "--query", "of the"));
    refused("no passage has a word of the query 'xyzzyq'", run(program, "--query", "xyzzyq"));
    refused("nowhere", run(program, "--adapter", "nowhere"));
  }

  private static void refused(String part, Program.Result result) {
    List<String> lines =
        result.err().lines().filter(line -> !line.startsWith("no adapter")).toList();
    assertEquals(1, lines.size(), result.err());
    assertTrue(lines.get(0).contains(part), result.err());
    assertEquals(1, result.status());
    assertEquals("", result.out());
  }
}
