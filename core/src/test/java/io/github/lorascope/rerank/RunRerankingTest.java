package io.github.lorascope.rerank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.io.FileWriteException;
import io.github.lorascope.prompt.PromptException;
import io.github.lorascope.ranking.Aggregation;
import io.github.lorascope.ranking.Ranker;
import io.github.lorascope.ranking.Ranking;
import io.github.lorascope.ranking.RankingStrategy;
import io.github.lorascope.trec.TrecException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunRerankingTest extends RerankFixture {
  private static final String RUN =
      """
      q1 Q0 d1 1 9 t
      q1 Q0 d2 2 8 t
      q1 Q0 d3 3 7 t
      q1 Q0 d5 4 6 t
      q1 Q0 d4 5 6 t
      q2 Q0 d2 1 3 t
      q2 Q0 d1 2 2 t
      q3 Q0 d3 1 3 t
      q3 Q0 d4 2 4 t
      """;

  /** With the first three of each query in reverse: longer passages first. */
  private static final String RERANKED =
      """
      q1 Q0 d3 1 0.6875 new
      q1 Q0 d2 2 0.5 new
      q1 Q0 d1 3 0.3125 new
      q1 Q0 d5 4 -1.0 new
      q1 Q0 d4 5 -2.0 new
      q2 Q0 d2 1 0.625 new
      q2 Q0 d1 2 0.375 new
      q3 Q0 d4 1 0.625 new
      q3 Q0 d3 2 0.375 new
      """;

  private final List<String> asked = new ArrayList<>();
  private final List<RerankProgress> told = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    write("run", RUN);
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\teeeee\n");
    write("queries", "q1\tfirst\nq2\tsecond\nq3\tthird\nq4\tother\n");
  }

  @Override
  RunReranking reranking() {
    return super.reranking()
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

  /** Prefers the longer passage. */
  private List<PairScore> score(List<PassagePair> pairs) {
    String query = pairs.get(0).query();
    if (asked.isEmpty() || !asked.get(asked.size() - 1).equals(query)) {
      asked.add(query);
    }
    return pairs.stream()
        .map(pair -> 0.5 + (pair.a().length() - pair.b().length()) / 8.0)
        .map(p -> new PairScore(Math.log(p / (1 - p)), 0))
        .toList();
  }

  /** Reranks until a query is asked about, which ends it as a kill does. */
  private void dieAt(String last) {
    assertThrows(
        IllegalStateException.class,
        () ->
            reranking()
                .run(
                    pairs -> {
                      if (pairs.get(0).query().equals(last)) {
                        throw new IllegalStateException("killed");
                      }
                      return score(pairs);
                    },
                    out()));
    assertFalse(Files.exists(out()));
  }

  private void assertFinished() throws IOException {
    assertEquals(RERANKED, Files.readString(out()));
    assertFalse(Files.exists(partial()));
  }

  @Test
  void whatIsReadIsNotWrittenOver() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("run"));
    Files.createSymbolicLink(folder.resolve("x.partial"), folder.resolve("queries"));
    for (String name : List.of("run", "collection", "queries", "link", "x")) {
      Path file = folder.resolve(name);
      String message =
          assertThrows(FileWriteException.class, () -> reranking().run(this::score, file))
              .getMessage();
      assertTrue(message.contains("which is read; give another file"), message);
    }
    assertEquals(RUN, Files.readString(link));
    assertTrue(asked.isEmpty());
  }

  @Test
  void theFirstAreRerankedAndTheOthersFollowInTheirOrder() throws IOException {
    assertTrue(reranking().run(this::score, out()));
    assertFinished();
    assertEquals(
        List.of(
            new RerankProgress(0, 3, 0, 10, 0),
            new RerankProgress(1, 3, 6, 10, 0),
            new RerankProgress(2, 3, 8, 10, 0),
            new RerankProgress(3, 3, 10, 10, 0)),
        told);
  }

  @Test
  void aRunWhoseLinesLieApartComesOutGrouped() throws IOException {
    List<String> lines = new ArrayList<>(RUN.lines().toList());
    lines.add(lines.remove(1));
    write("run", String.join("\n", lines));
    assertTrue(reranking().run(this::score, out()));
    assertFinished();
  }

  /** Someone has a query done anew by taking its line away. */
  @Test
  void aQueryTakenOutOfWhatWasDoneKeepsItsOwnDocuments() throws IOException {
    dieAt("third");
    List<String> lines = new ArrayList<>(Files.readAllLines(partial()));
    assertTrue(lines.remove(1).contains("q1"));
    Files.write(partial(), lines);
    assertTrue(reranking().run(this::score, out()));
    assertFinished();
  }

  @Test
  void aQueryThatWasDoneTwiceIsTold() throws IOException {
    dieAt("third");
    List<String> lines = new ArrayList<>(Files.readAllLines(partial()));
    lines.add(lines.get(1));
    Files.write(partial(), lines);
    String message =
        assertThrows(ResumeException.class, () -> reranking().run(this::score, out())).getMessage();
    assertTrue(message.contains("q1 more than once"), message);
    assertFalse(Files.exists(out()));
  }

  /** A second reading of a pipe would wait for ever. */
  @Test
  void aPipeIsRefused() throws IOException, InterruptedException {
    for (String name : List.of("collection", "queries")) {
      Path pipe = folder.resolve(name + ".pipe");
      int status = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
      assumeTrue(status == 0, "this system makes no pipes");
      RunReranking reranking =
          name.equals("queries") ? reranking().queries(pipe) : reranking().passages(pipe);
      String message =
          assertThrows(FileReadException.class, () -> reranking.run(this::score, out()))
              .getMessage();
      assertTrue(message.contains(pipe + " is no file on a disk"), message);
      assertTrue(message.contains("read twice"), message);
    }
  }

  @Test
  void whatWasDoneBeforeAKillIsNotDoneAgain() throws IOException {
    dieAt("second");
    assertEquals(List.of("first"), asked);
    told.clear();
    assertTrue(reranking().run(this::score, out()));
    assertEquals(List.of("first", "second", "third"), asked);
    assertEquals(new RerankProgress(1, 3, 6, 10, 0), told.get(0));
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
      assertTrue(reranking().run(this::score, out()));
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
            pairs -> {
              stopped.stop();
              return score(pairs);
            },
            out()));
    assertEquals(List.of("first"), asked);
    assertFalse(Files.exists(out()));
    assertTrue(reranking().run(this::score, out()));
    assertFinished();
  }

  @Test
  void aStopWhilePassagesAreReadAsksNothing() {
    RunReranking stopped = reranking();
    stopped.stop();
    assertFalse(stopped.run(this::score, out()));
    assertEquals(List.of(), asked);
    assertFalse(Files.exists(partial()));
  }

  @Test
  void whatIsBegunOtherwiseIsNotGoneOnWith() throws IOException {
    dieAt("third");
    byte[] before = Files.readAllBytes(partial());
    refuses("top_k = 3, which is 2 now", reranking().topK(2));
    refuses("tag = new, which is newer now", reranking().tag("newer"));
    Ranker all = Ranker.of(RankingStrategy.allPairs());
    refuses("budget = none, which is 9 now", reranking().ranker(all.withBudget(9)));
    refuses("wanted = all, which is 2 now", reranking().ranker(all.withWanted(2)));
    refuses("positions = both, which is one now", reranking().ranker(all.inOnePosition()));
    refuses(
        "aggregate = mean-probability, which is copeland now",
        reranking().ranker(all.withAggregation(Aggregation.copeland())));
    refuses(
        "aggregate = mean-probability, which is none now",
        reranking().ranker(Ranker.of(RankingStrategy.heapsort())));
    refuses(
        "strategy = all-pairs, which is sliding-window(3) now",
        reranking()
            .ranker(
                Ranker.of(RankingStrategy.slidingWindow(3))
                    .withAggregation(Aggregation.meanProbability())));
    refuses("model = one, which is two now", reranking().settings(Map.of("model", "two")));
    refuses("dtype = nothing, which is f32", reranking().settings(Map.of("dtype", "f32")));
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\tother\n");
    refuses("collection_sha256 = ", reranking());
    write("collection", "d1\ta\nd2\tbb\nd3\tccc\nd4\tdddd\nd5\teeeee\n");
    write("run", RUN + "q4 Q0 d1 1 1 t\n");
    refuses("run_sha256 = ", reranking());
    write("run", RUN);
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(partial())));
    assertTrue(reranking().run(this::score, out()));
    assertFinished();
  }

  private void refuses(String part, RunReranking other) {
    refuses(ResumeException.class, part, other);
  }

  private void refuses(
      Class<? extends LorascopeException> type, String part, RunReranking reranking) {
    String message = assertThrows(type, () -> reranking.run(this::score, out())).getMessage();
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(out()));
  }

  /** A bound of 4 comparisons a query of three, of which the budget pays for one. */
  @Test
  void anotherStrategyKeepsToItsBudgetAndSaysWhatItLeft() throws IOException {
    write("run", RUN + "q4 Q0 d1 1 1 t\n");
    List<Ranking> rankings = new ArrayList<>();
    Ranker ranker = Ranker.of(RankingStrategy.heapsort()).withBudget(3);
    RunReranking reranking =
        reranking()
            .ranker(ranker)
            .listen(
                new RerankListener() {
                  @Override
                  public void ranked(String query, Ranking ranking) {
                    rankings.add(ranking);
                  }

                  @Override
                  public void reranked(RerankProgress progress) {
                    told.add(progress);
                  }
                });
    assertTrue(reranking.run(this::score, out()));
    assertEquals(
        List.of(false, true, true, true), rankings.stream().map(Ranking::isComplete).toList());
    assertEquals(
        List.of(
            new RerankProgress(0, 4, 0, 7, 0),
            new RerankProgress(1, 4, 2, 6, 1),
            new RerankProgress(2, 4, 4, 6, 1),
            new RerankProgress(3, 4, 6, 6, 1),
            new RerankProgress(4, 4, 6, 6, 1)),
        told);
    assertEquals(
        """
        q1 Q0 d1 1 1.0 new
        q1 Q0 d3 2 0.6666667 new
        q1 Q0 d2 3 0.33333334 new
        q1 Q0 d5 4 -1.0 new
        q1 Q0 d4 5 -2.0 new
        q2 Q0 d2 1 1.0 new
        q2 Q0 d1 2 0.5 new
        q3 Q0 d4 1 1.0 new
        q3 Q0 d3 2 0.5 new
        q4 Q0 d1 1 1.0 new
        """,
        Files.readString(out()));
  }

  /** Also after a kill, when what was asked before is no longer known to anybody else. */
  @Test
  void whatWasAskedBeforeAKillIsCounted() {
    Ranker ranker = Ranker.of(RankingStrategy.tournament()).withWanted(1).inOnePosition();
    assertThrows(
        IllegalStateException.class,
        () ->
            reranking()
                .ranker(ranker.withBudget(1))
                .run(
                    pairs -> {
                      if (pairs.get(0).query().equals("second")) {
                        throw new IllegalStateException("killed");
                      }
                      return score(pairs);
                    },
                    out()));
    told.clear();
    assertTrue(reranking().ranker(ranker.withBudget(1)).run(this::score, out()));
    assertEquals(new RerankProgress(1, 3, 1, 3, 1), told.get(0));
    assertEquals(new RerankProgress(3, 3, 3, 3, 1), told.get(told.size() - 1));
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
    assertThrows(FileReadException.class, () -> reranking().run(this::score, out()));
    write("run", RUN);
    Files.createDirectory(out());
    assertThrows(FileWriteException.class, () -> reranking().run(this::score, out()));
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
                            pairs -> {
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
