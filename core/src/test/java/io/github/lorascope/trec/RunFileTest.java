package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.io.FileReadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFileTest {
  @TempDir private Path folder;

  private Path file(String content) {
    return TrecFiles.write(folder.resolve("some.run"), content);
  }

  private List<QueryRanking> read(String content) {
    return TrecFiles.all(RunFile.scan(file(content)).open());
  }

  private List<String> order(String content) {
    return TrecFiles.ids(read(content).get(0));
  }

  @Test
  void scoresMakeTheOrderAndRanksDoNot() {
    assertEquals(
        List.of("c", "a", "b"), order("q Q0 a 1 2 t\nq Q0 b 2 -1e1 t\nq Q0 c 3 +3.5E0 t\n"));
  }

  @Test
  void ranksThatSayAnotherOrderAreCounted() {
    assertEquals(0, disagreeing("q Q0 a 1 2 t\nq Q0 b 2 1 t\nr Q0 a 1 5 t\n"));
    assertEquals(0, disagreeing("q Q0 a 2 2 t\nq Q0 b 1 3 t\n")); // read backwards
    assertEquals(0, disagreeing("q Q0 a x 1 t\nq Q0 b y 1 t\nq Q0 c 0 1 t\nq Q0 d 0 1 t\n"));
    assertEquals(1, disagreeing("q Q0 a 1 1 t\nq Q0 b 2 1 t\n"));
    assertEquals(0.5, disagreeing("q Q0 a 1 .1 t\nq Q0 b 2 .2 t\nq Q0 c 3 .1 t\n"));
    assertEquals(0, disagreeing("q Q0 a 1 1 t\n"));
  }

  private double disagreeing(String content) {
    return RunFile.scan(file(content)).ranksAgainstScores();
  }

  @Test
  void equalScoresAreOrderedByIdDescending() {
    assertEquals(
        List.of("d9", "d10", "d1"), order("q Q0 d10 1 1 t\nq Q0 d9 2 1.0 t\nq Q0 d1 3 1e0 t\n"));
  }

  @Test
  void scoresThatAreEqualAsFloatsAreEqual() {
    assertEquals(List.of("b", "a"), order("q Q0 a 1 20.000000001 t\nq Q0 b 2 20.000000000 t\n"));
    assertEquals(List.of("b", "a"), order("q Q0 a 1 0 t\nq Q0 b 2 -0 t\n"));
    assertEquals(List.of("b", "a"), order("q Q0 a 1 1e40 t\nq Q0 b 2 1e39 t\n"));
  }

  @Test
  void infiniteScoresStandAtTheEnds() {
    assertEquals(
        List.of("b", "c", "a"), order("q Q0 a 1 -inf t\nq Q0 b 2 Infinity t\nq Q0 c 3 0 t\n"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatCannotBeReadTwiceIsRefused() {
    FileReadException e =
        assertThrows(FileReadException.class, () -> RunFile.scan(Path.of("/dev/null")));
    assertTrue(e.getMessage().contains("write it to a file first"), e.getMessage());
  }

  /** U+FF21 has a smaller code point and a larger UTF-16 unit than U+1F600. */
  @Test
  void idsAreComparedByTheirBytes() {
    assertEquals(
        List.of("\uD83D\uDE00", "\uFF21", "a"),
        order("q Q0 a 1 1 t\nq Q0 \uD83D\uDE00 2 1 t\nq Q0 \uFF21 3 1 t\n"));
  }

  @Test
  void columnsAreDividedByAnySpaceOfAscii() {
    assertEquals(List.of("a\u00A0b"), order(" q\tQ0 \u000B a\u00A0b\t1\f2   t \r\n\n"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 100})
  void linesOfAQueryMayLieApart(int linesAtOnce) {
    Path file =
        file(
            "q2 Q0 a 1 1 t\nq1 Q0 a 1 1 t\nq2 Q0 b 1 2 t\nq3 Q0 a 1 1 t\nq1 Q0 c 1 3 t\nq1 Q0 b 1"
                + " 2 t\n");
    RunFile run = RunFile.scan(file);
    assertEquals(List.of("q2", "q1", "q3"), List.copyOf(run.queries()));
    assertEquals(3, run.size("q1"));
    List<QueryRanking> rankings = TrecFiles.all(run.open(linesAtOnce));
    assertEquals(List.of("q2", "q1", "q3"), rankings.stream().map(QueryRanking::query).toList());
    assertEquals(
        List.of(List.of("b", "a"), List.of("c", "b", "a"), List.of("a")),
        rankings.stream().map(TrecFiles::ids).toList());
  }

  @Test
  void gzipIsReadWhateverItsName() {
    Path packed = TrecFiles.gzip(folder.resolve("packed.run"), "q Q0 a 1 1 t\n");
    assertEquals(1, TrecFiles.all(RunFile.scan(packed).open()).size());
  }

  @Test
  void badLinesAreNamed() {
    refused("q Q0 a 1 1 t\nq Q0 b 1 t\n", "some.run, line 2 has 5 columns", "q Q0 b 1 t");
    refused("q Q0 a 1 1 t u\n", "line 1 has 7 columns");
    refused("q Q0 a 1 NaN t\n", "line 1 has NaN for a score");
    refused("q Q0 a 1 -nan t\n", "line 1 has NaN for a score");
    for (String score : List.of("high", "1f", "0x1p3", "1e", "--1", "1,5", "e5", ".")) {
      refused("q Q0 a 1 " + score + " t\n", "line 1 has " + score + " for a score");
    }
    refused("q Q0 a 1 1 t\n\nq Q0 b 1 1 t\n", "line 2 is blank");
    refused("\t\nq Q0 b 1 1 t\n", "line 1 has 0 columns");
    refused("", "is empty; give a file of a TREC run");
  }

  private void refused(String content, String... parts) {
    TrecFiles.assertRefused(() -> read(content), parts);
  }

  @Test
  void aDocumentThatComesTwiceIsNamedWithBothLines() {
    String twice = "line 3 has document a for query q again, after line 1";
    refused("q Q0 a 1 1 t\nq Q0 b 1 1 t\nq Q0 a 1 9 t\n", twice);
    refused("q Q0 a 1 1 t\nr Q0 b 1 1 t\nq Q0 a 1 9 t\n", twice);
    assertEquals(2, read("q Q0 a 1 1 t\nr Q0 a 1 1 t\n").size());
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    TrecFiles.assertRefused(() -> RunFile.scan(folder.resolve("absent")), "there is no file");
    TrecFiles.assertRefused(() -> RunFile.scan(folder), "is a folder");
    byte[] whole =
        Files.readAllBytes(TrecFiles.gzip(folder.resolve("w"), "q Q0 a 1 1 t\n".repeat(99)));
    Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, whole.length - 9));
    TrecFiles.assertRefused(() -> RunFile.scan(cut), "cut is cut off after line");
    byte[] latin = "q Q0 caf\u00E9 1 1 t\n".getBytes(StandardCharsets.ISO_8859_1);
    Path other = Files.write(folder.resolve("latin"), latin);
    TrecFiles.assertRefused(() -> RunFile.scan(other), "latin, line 1 is not UTF-8");
  }

  @Test
  void aScatteredFileThatChangesIsNoticed() {
    RunFile run = RunFile.scan(file("q Q0 a 1 1 t\nr Q0 a 1 1 t\nq Q0 b 1 9 t\n"));
    file("q Q0 a 1 1 t\nr Q0 a 1 1 t\n");
    TrecFiles.assertRefused(() -> TrecFiles.all(run.open()), "has changed");
  }

  @Test
  void tellsHowFarItIs() {
    List<Double> shares = new ArrayList<>();
    RunFile.scan(file("q Q0 a 1 1 t\n".repeat(100_000)), shares::add);
    assertEquals(2, shares.size());
    assertEquals(65_536 / 100_000.0, shares.get(0), 0.1);
    assertEquals(1, shares.get(1));
  }
}
