package io.github.lorascope.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TriplesTest {
  @TempDir Path folder;

  @Test
  void readsPlainAndGzipWhateverTheirNames() throws Exception {
    byte[] lines = lines(1000).getBytes(StandardCharsets.UTF_8);
    Triples plain = Triples.tsv(write("plain.tsv.gz", lines));
    Triples packed = Triples.tsv(write("packed.tsv", gzip(lines)));
    assertEquals(1000, plain.size());
    assertEquals(new Triple("q7 é🙂", "p7", "n7"), plain.list().get(7));
    assertEquals(plain.list(), packed.list());
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(lines));
    assertEquals(hash, plain.sha256());
    assertEquals(hash, packed.sha256());
  }

  @Test
  void triplesInMemoryAreThoseOfTheirFile() throws IOException {
    Path file = write("some.tsv", "a\tb\tc\nd\te\tf\n".getBytes(StandardCharsets.UTF_8));
    Triples read = Triples.tsv(file);
    Triples given = Triples.of("mine", read.list());
    assertEquals(read.list(), given.list());
    assertEquals(read.sha256(), given.sha256());
    assertEquals("mine", given.source());
    assertEquals("mine", given.name());
    assertEquals(file.toString(), read.source());
    assertEquals("some.tsv", read.name());
    assertThrows(IllegalArgumentException.class, () -> Triples.of("none", List.of()));
    assertThrows(NullPointerException.class, () -> new Triple("q", null, "n"));
    assertNotEquals(
        Triples.of("one", List.of(new Triple("a\tb", "c", "d"))).sha256(),
        Triples.of("other", List.of(new Triple("a", "b\tc", "d"))).sha256());
  }

  @Test
  void gzipFilesPutTogetherAreOneFile() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(gzip("a\tb\tc\n".getBytes(StandardCharsets.UTF_8)));
    both.writeBytes(gzip("d\te\tf\n".getBytes(StandardCharsets.UTF_8)));
    assertEquals(2, Triples.tsv(write("both.gz", both.toByteArray())).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\tb\tc\nd\te\tf",
        "a\tb\tc\r\nd\te\tf\r\n",
        "\uFEFFa\tb\tc\nd\te\tf\n",
        "a\tb\tc\nd\te\tf\n\n",
        "a\tb\tc\nd\te\tf\r\n\r\n \n"
      })
  void lineEndsByteOrderMarkAndBlankLinesAtTheEndDoNotMatter(String text) throws IOException {
    Triples triples = Triples.tsv(write(text));
    assertEquals(List.of(new Triple("a", "b", "c"), new Triple("d", "e", "f")), triples.list());
    assertEquals(Triples.tsv(write("a\tb\tc\nd\te\tf\n")).sha256(), triples.sha256());
  }

  @Test
  void limitTakesTheFirstAndLeavesTheRestUnread() throws IOException {
    List<Triple> expected = Triples.tsv(write(lines(3))).list();
    Path file = write(lines(3) + "broken");
    assertEquals(expected, Triples.tsv(file, 3).list());
    assertThrows(TriplesException.class, () -> Triples.tsv(file));
    assertThrows(IllegalArgumentException.class, () -> Triples.tsv(file, 0));
  }

  @Test
  void sampleIsSeededInFileOrderAndWithoutRepeats() throws IOException {
    Path file = write(lines(500));
    List<Triple> all = Triples.tsv(file).list();
    Triples sample = Triples.sample(file, 40, 7);
    List<Integer> places = sample.list().stream().map(all::indexOf).toList();
    assertEquals(40, places.size());
    assertEquals(places.stream().sorted().distinct().toList(), places);
    assertEquals(sample.sha256(), Triples.sample(file, 40, 7).sha256());
    assertNotEquals(sample.sha256(), Triples.sample(file, 40, 8).sha256());
    assertEquals(all, Triples.sample(file, 500, 7).list());
    assertEquals(all, Triples.sample(file, 5000, 7).list());
  }

  /** 2,000 seeds, 10 of 40 lines: each is drawn 500 times, standard deviation 19.4. */
  @Test
  void sampleIsUniform() throws IOException {
    Path file = write(lines(40));
    List<Triple> all = Triples.tsv(file).list();
    int[] drawn = new int[40];
    for (int seed = 0; seed < 2000; seed++) {
      for (Triple triple : Triples.sample(file, 10, seed).list()) {
        drawn[all.indexOf(triple)]++;
      }
    }
    for (int count : drawn) {
      assertEquals(500, count, 5 * 19.4);
    }
  }

  @Test
  void wrongLinesAreNamedWithWhatTheyHold() throws IOException {
    assertMessage("q\tp\tn\nonly one\n", "line 2 has 1 field", "\"only one\"");
    assertMessage("q\tp\n", "line 1 has 2 fields", "\"q\\tp\"");
    assertMessage("q\tp\tn\tx\n", "line 1 has 4 fields");
    assertMessage("q\t \tn\n", "line 1 has a blank positive passage");
    assertMessage("\tp\tn\n", "line 1 has a blank query");
    assertMessage("q\tp\t\n", "line 1 has a blank negative passage");
    assertMessage("1185869\t0\t2942565\r\n", "line 1 holds ids and no texts");
    assertMessage("q\tp\tn\n1\t2\t3", "line 2 holds ids", "\"1\\t2\\t3\"");
    assertMessage("q\tp\tn\n\nq\tp\tn\n", "line 2 is blank");
    assertMessage("\n\nq\tp\tn\n", "line 1 is blank");
    assertMessage("query\tpositive\tnegative\nq\tp\tn\n", "line 1 names the columns");
    assertMessage("Query\tPos_Passage\tneg\nq\tp\tn\n", "line 1 names the columns");
    assertMessage("", "is empty");
    assertMessage("\n\n", "nothing but blank lines");
    assertMessage("\uFEFF", "nothing but blank lines");
    String message = messageOf(write("🙂\u0007".repeat(5000)));
    assertTrue(message.endsWith("\"" + "🙂?".repeat(30) + "...\""), message);
  }

  @Test
  void textsMayBeNumbersBesideOthers() throws IOException {
    assertEquals(2, Triples.tsv(write("7 x 8\t56\t54\n1969\tmoon\t1970\n")).size());
    assertEquals(2, Triples.tsv(write("q\tp\tn\nquery\tpositive\tnegative\n")).size());
    assertEquals(1, Triples.tsv(write("query\tPositive pole\tNegative pole\n")).size());
    assertEquals(1, Triples.tsv(write("charge of a proton\tpositive\tnegative\n")).size());
  }

  @Test
  void bytesThatAreNotUtf8AreAnErrorWithTheirLine() throws IOException {
    byte[] latin = "q\tp\tn\nq\tcaf\u00E9\tn\n".getBytes(StandardCharsets.ISO_8859_1);
    assertTrue(messageOf(write("latin.tsv", latin)).contains("line 2 is not UTF-8"));
    byte[] wide = "q\tp\tn\n".getBytes(StandardCharsets.UTF_16);
    assertTrue(messageOf(write("wide.tsv", wide)).contains("line 1 is not UTF-8"));
  }

  @Test
  void cutOffAndDamagedGzipIsAnErrorNamingTheFile() throws IOException {
    byte[] whole = gzip(lines(20_000).getBytes(StandardCharsets.UTF_8));
    for (int length : new int[] {2, 9, 12, whole.length / 2, whole.length - 1}) {
      String message = messageOf(write("cut.gz", Arrays.copyOf(whole, length)));
      assertTrue(message.contains("cut.gz is cut off after line "), message);
    }
    whole[whole.length - 6] ^= 1;
    String message = messageOf(write("bad.gz", whole));
    assertTrue(message.contains("bad.gz is damaged"), message);
  }

  @Test
  void anEndlessLineIsAnErrorAndNotTheEndOfMemory() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      byte[] block = new byte[1 << 20];
      Arrays.fill(block, (byte) 'a');
      for (int i = 0; i < 20; i++) {
        gzip.write(block);
      }
    }
    String message = messageOf(write("bomb.gz", bytes.toByteArray()));
    assertTrue(message.contains("line 1 has more than 16777216 bytes"), message);
  }

  @Test
  void aMissingFileAndAFolderAreErrors() {
    assertTrue(messageOf(folder.resolve("absent")).startsWith("there is no file "));
    assertTrue(messageOf(folder).contains("is a folder"));
  }

  @Test
  void evaluationKeepsTheFilesOrderAndAlternatesPlaces() throws IOException {
    List<PairExample> pairs = Triples.tsv(write(lines(3))).evaluationPairs();
    assertEquals(
        List.of(
            new PairExample("q0 é🙂", "n0", "p0", 1),
            new PairExample("q1 é🙂", "p1", "n1", 0),
            new PairExample("q2 é🙂", "n2", "p2", 1)),
        pairs);
  }

  static String lines(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "q" + i + " é🙂\tp" + i + "\tn" + i + "\n")
        .collect(Collectors.joining());
  }

  private void assertMessage(String content, String... parts) throws IOException {
    String message = messageOf(write(content));
    List<String> expected = new ArrayList<>(List.of(parts));
    expected.add("triples.tsv");
    for (String part : expected) {
      assertTrue(message.contains(part), message);
    }
  }

  private static String messageOf(Path file) {
    return assertThrows(TriplesException.class, () -> Triples.tsv(file)).getMessage();
  }

  private Path write(String content) throws IOException {
    return write("triples.tsv", content.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }
}
