package io.github.lorascope.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.trec.Qrels;
import io.github.lorascope.trec.RunFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTriplesTest {
  /** Query 1 has passages 0 to 9 in this order, of which 3 is relevant and 4 a little. */
  private static final String QRELS = "1 0 3 2\n1 0 4 1\n1 0 5 0\n2 0 40 2\n3 0 1 0\n";

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    StringBuilder run = new StringBuilder();
    StringBuilder collection = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      run.append("1 Q0 ").append(i).append(" 1 ").append(10 - i).append(" t\n");
      collection.append(i).append("\tpassage ").append(i).append('\n');
    }
    run.append("2 Q0 7 1 2 t\n3 Q0 1 1 1 t\n4 Q0 1 1 1 t\n");
    collection.append("40\tnever found\n");
    file("run", run.toString());
    file("qrels", QRELS);
    file("collection", collection.toString());
    file("queries", "1\tone\n2\ttwo\n3\tthree\n4\tfour\n");
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private RunTriples maker() {
    return RunTriples.of(RunFile.scan(folder.resolve("run")), Qrels.read(folder.resolve("qrels")))
        .passages(folder.resolve("collection"))
        .queries(folder.resolve("queries"))
        .relevanceLevel(2);
  }

  private List<Triple> triples(RunTriples maker, String name) {
    Path out = folder.resolve(name);
    RunTriples.Made made = maker.write(out);
    List<Triple> triples = Triples.tsv(out).list();
    assertEquals(made.triples(), triples.size());
    return triples;
  }

  @Test
  void whatNobodyJudgedRelevantStandsBesideWhatSomebodyDid() {
    RunTriples.Made made = maker().negatives(100).write(folder.resolve("all.tsv"));
    assertEquals(new RunTriples.Made(9, 2, 2), made);
    List<Triple> triples = triples(maker().negatives(100), "all.tsv");
    Set<String> negatives = new HashSet<>();
    for (Triple triple : triples.subList(0, 8)) {
      assertEquals("one", triple.query());
      assertEquals("passage 3", triple.positive());
      negatives.add(triple.negative());
    }
    assertEquals(8, negatives.size());
    assertFalse(negatives.contains("passage 3") || negatives.contains("passage 4"));
    assertTrue(negatives.contains("passage 5"), "judged irrelevant");
    assertEquals(new Triple("two", "never found", "passage 7"), triples.get(8));
  }

  @Test
  void whatWouldDivideATripleBecomesASpace() throws IOException {
    String content = Files.readString(folder.resolve("collection"));
    StringBuilder collection = new StringBuilder();
    for (String line : content.replace("never found", "never\\nfound\\tyet").lines().toList()) {
      String[] fields = line.split("\t", -1);
      collection.append("{\"_id\":\"%s\",\"text\":\"%s\"}%n".formatted(fields[0], fields[1]));
    }
    file("collection", collection.toString());
    List<Triple> triples = triples(maker(), "spaces.tsv");
    assertEquals(new Triple("two", "never found yet", "passage 7"), triples.get(1));
  }

  @Test
  void placesAndSeedChooseWhatIsDrawn() {
    for (Triple triple : triples(maker().places(8, 9).negatives(5), "late.tsv.gz")) {
      assertTrue(Set.of("passage 7", "passage 8").contains(triple.negative()), triple.negative());
    }
    List<Triple> first = triples(maker().negatives(4).seed(1), "first.tsv");
    assertEquals(first, triples(maker().negatives(4).seed(1), "again.tsv.gz"));
    assertNotEquals(first, triples(maker().negatives(4).seed(2), "other.tsv"));
    assertEquals(4, first.stream().filter(t -> t.query().equals("one")).distinct().count());
  }

  @Test
  void everyPassageIsDrawnAlike() {
    int[] drawn = new int[10];
    for (int seed = 0; seed < 400; seed++) {
      for (Triple triple : triples(maker().negatives(2).seed(seed), "some.tsv")) {
        if (triple.query().equals("one")) {
          drawn[triple.negative().charAt("passage ".length()) - '0']++;
        }
      }
    }
    for (int passage : new int[] {0, 1, 2, 5, 6, 7, 8, 9}) {
      assertEquals(100, drawn[passage], 35, "passage " + passage); // 4 standard deviations
    }
  }

  @Test
  void whatDoesNotFitTogetherIsNamed() throws IOException {
    refused(maker().places(50, 60), "have no query with a relevant passage");
    file("queries", "1\tone\n");
    refused(maker(), "queries lacks the id 2");
    file("queries", "1\tone\n2\ttwo\n");
    file("collection", Files.readString(folder.resolve("collection")).replace("never found", " "));
    refused(maker(), "collection has no text for the id 40");
    assertThrows(IllegalArgumentException.class, () -> maker().places(0, 3));
    assertThrows(IllegalArgumentException.class, () -> maker().places(4, 3));
    assertThrows(IllegalArgumentException.class, () -> maker().negatives(0));
    assertThrows(IllegalArgumentException.class, () -> maker().relevanceLevel(0));
  }

  private void refused(RunTriples maker, String part) {
    Path out = folder.resolve("refused.tsv");
    String message = assertThrows(LorascopeException.class, () -> maker.write(out)).getMessage();
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(out));
  }
}
