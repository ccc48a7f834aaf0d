package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.trec.RunFile;
import io.github.lorascope.trec.TrecException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRerankingTest {
  private static final String RUN =
      """
      q1 Q0 d1 1 9 t
      q1 Q0 d2 2 8 t
      q1 Q0 d3 3 7 t
      q1 Q0 d5 4 6 t
      q1 Q0 d4 5 6 t
      q2 Q0 d2 1 3 t
      q3 Q0 d3 1 3 t
      q3 Q0 d4 2 4 t
      """;

  /** With the first three of each query in reverse: longer passages first. */
  private static final String RERANKED =
      """
      q1 Q0 d3 1 0.75 new
      q1 Q0 d2 2 0.5 new
      q1 Q0 d1 3 0.25 new
      q1 Q0 d5 4 -1.0 new
      q1 Q0 d4 5 -2.0 new
      q2 Q0 d2 1 0.5 new
      q3 Q0 d4 1 1.0 new
      q3 Q0 d3 2 0.75 new
      """;

  @TempDir private Path folder;
  private final List<String> asked = new ArrayList<>();
  private final List<RerankProgress> told = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    write("run", RUN);
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\teeeee\n");
    write("queries", "q1\tfirst\nq2\tsecond\nq3\tthird\nq4\tother\n");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path out() {
    return folder.resolve("out.run");
  }

  private Path partial() {
    return folder.resolve("out.run.partial");
  }

  private RunReranking reranking() {
    return RunReranking.of(RunFile.scan(folder.resolve("run")))
        .passages(folder.resolve("collection"))
        .queries(folder.resolve("queries"))
        .topK(3)
        .tag("new")
        .settings(Map.of("model", "one"))
        .listen(
            new RerankListener() {
              @Override
              public void reranked(RerankProgress progress) {
                told.add(progress);
              }
            });
  }

  private List<RankedPassage> rank(String query, List<String> passages) {
    asked.add(query);
    return IntStream.range(0, passages.size())
        .mapToObj(i -> new RankedPassage(i, passages.get(i), passages.get(i).length() / 4.0))
        .sorted(Comparator.comparingDouble(RankedPassage::score).reversed())
        .toList();
  }

  /** Reranks until a query is asked about, which ends it as a kill does. */
  private void dieAt(String last) {
    assertThrows(
        IllegalStateException.class,
        () ->
            reranking()
                .run(
                    (query, passages) -> {
                      if (query.equals(last)) {
                        throw new IllegalStateException("killed");
                      }
                      return rank(query, passages);
                    },
                    out()));
    assertFalse(Files.exists(out()));
  }

  private void assertFinished() throws IOException {
    assertEquals(RERANKED, Files.readString(out()));
    assertFalse(Files.exists(partial()));
  }

  @Test
  void theFirstAreRerankedAndTheOthersFollowInTheirOrder() throws IOException {
    assertTrue(reranking().run(this::rank, out()));
    assertFinished();
    assertEquals(
        List.of(
            new RerankProgress(0, 3, 0, 8),
            new RerankProgress(1, 3, 6, 8),
            new RerankProgress(2, 3, 6, 8),
            new RerankProgress(3, 3, 8, 8)),
        told);
  }

  @Test
  void aRunWhoseLinesLieApartComesOutGrouped() throws IOException {
    List<String> lines = new ArrayList<>(RUN.lines().toList());
    lines.add(lines.remove(1));
    write("run", String.join("\n", lines));
    assertTrue(reranking().run(this::rank, out()));
    assertFinished();
  }

  @Test
  void whatWasDoneBeforeAKillIsNotDoneAgain() throws IOException {
    dieAt("second");
    assertEquals(List.of("first"), asked);
    told.clear();
    assertTrue(reranking().run(this::rank, out()));
    assertEquals(List.of("first", "second", "third"), asked);
    assertEquals(new RerankProgress(1, 3, 6, 8), told.get(0));
    assertFinished();
  }

  @Test
  void aLineThatWasCutOffIsDoneAgain() throws IOException {
    dieAt("third");
    byte[] whole = Files.readAllBytes(partial());
    int second = new String(whole, StandardCharsets.UTF_8).indexOf("\"q2\"");
    for (int cut : new int[] {second - 8, second, whole.length - 1}) {
      Files.write(partial(), Arrays.copyOf(whole, cut));
      asked.clear();
      assertTrue(reranking().run(this::rank, out()));
      assertEquals(List.of("second", "third"), asked);
      assertFinished();
      Files.delete(out());
    }
  }

  @Test
  void aStopEndsAfterTheQueryInHand() throws IOException {
    RunReranking stopped = reranking();
    assertFalse(
        stopped.run(
            (query, passages) -> {
              stopped.stop();
              return rank(query, passages);
            },
            out()));
    assertEquals(List.of("first"), asked);
    assertFalse(Files.exists(out()));
    assertTrue(reranking().run(this::rank, out()));
    assertFinished();
  }

  @Test
  void aStopWhilePassagesAreReadAsksNothing() {
    RunReranking stopped = reranking();
    stopped.stop();
    assertFalse(stopped.run(this::rank, out()));
    assertEquals(List.of(), asked);
    assertFalse(Files.exists(partial()));
  }

  @Test
  void whatIsBegunOtherwiseIsNotGoneOnWith() throws IOException {
    dieAt("third");
    byte[] before = Files.readAllBytes(partial());
    refuses("top_k = 3, which is 2 now", reranking().topK(2));
    refuses("tag = new, which is newer now", reranking().tag("newer"));
    refuses("model = one, which is two now", reranking().settings(Map.of("model", "two")));
    refuses("dtype = nothing, which is f32", reranking().settings(Map.of("dtype", "f32")));
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\tother\n");
    refuses("collection_sha256 = ", reranking());
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\teeeee\n");
    write("run", RUN + "q4 Q0 d1 1 1 t\n");
    refuses("run_sha256 = ", reranking());
    write("run", RUN);
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(partial())));
    assertTrue(reranking().run(this::rank, out()));
    assertFinished();
  }

  private void refuses(String part, RunReranking other) {
    refuses(ResumeException.class, part, other);
  }

  private void refuses(
      Class<? extends LorascopeException> type, String part, RunReranking reranking) {
    String message = assertThrows(type, () -> reranking.run(this::rank, out())).getMessage();
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(out()));
  }

  @Test
  void whatIsDamagedOrWrittenByAnotherIsNotGoneOnWith() throws IOException {
    dieAt("third");
    String whole = Files.readString(partial());
    write("out.run.partial", whole.replace("\"q2\"", "\"q2"));
    refuses("out.run.partial, line 3", reranking());
    write("out.run.partial", whole);
    try (FileChannel other = FileChannel.open(partial(), StandardOpenOption.WRITE)) {
      other.lock();
      refuses("written by another", reranking());
    }
  }

  @Test
  void filesThatDoNotFitTogetherAreNamed() throws IOException {
    write("queries", "q1\tfirst\nq3\tthird\n");
    refuses(TrecException.class, "queries lacks query q2 of ", reranking());
    write("queries", "q1\tfirst\nq2\tsecond\nq3\tthird\n");
    write("collection", "d1\ta\nd3\tccc\n");
    refuses(TrecException.class, "lacks 2 documents of ", reranking());
    write("run", RUN + RUN);
    assertThrows(FileReadException.class, () -> reranking().run(this::rank, out()));
    write("run", RUN);
    Files.createDirectory(out());
    assertThrows(FileWriteException.class, () -> reranking().run(this::rank, out()));
    assertEquals(List.of(), asked);
    assertFalse(Files.exists(partial()));
  }

  @Test
  void aPromptThatDoesNotFitNamesItsQuery() {
    String message =
        assertThrows(
                PromptException.class,
                () ->
                    reranking()
                        .run(
                            (query, passages) -> {
                              throw new PromptException("too long");
                            },
                            out()))
            .getMessage();
    assertEquals("query q1: too long", message);
  }

  @Test
  void impossibleOptionsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> reranking().topK(0));
    assertThrows(TrecException.class, () -> reranking().tag("two words"));
  }
}
