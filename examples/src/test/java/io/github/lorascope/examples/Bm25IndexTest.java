package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.io.FileReadException;
import io.github.lorascope.trec.IdentifiedText;
import io.github.lorascope.trec.QueryRanking;
import io.github.lorascope.trec.ScoredDocument;
import io.github.lorascope.trec.TrecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Bm25IndexTest {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    collection("p1\tgenes and traits\np2\tgene gene cell\np3\tcheese\np4\tgene cheese cell\n");
  }

  private void collection(String content) throws IOException {
    Files.writeString(folder.resolve("collection"), content);
  }

  private Bm25Index open() {
    return Bm25Index.open(folder.resolve("index"), folder.resolve("collection"), share -> {});
  }

  private static List<String> ids(QueryRanking ranking) {
    return ranking.documents().stream().map(ScoredDocument::id).toList();
  }

  private static QueryRanking search(Bm25Index index, String query, int hits) {
    return index.search(new IdentifiedText("q", query), hits);
  }

  /** Lucene leaves out the factor k1 + 1, which changes no order. */
  @Test
  void scoresAreThoseOfBm25() {
    try (Bm25Index index = open()) {
      index.parameters(1.2f, 0.75f);
      QueryRanking found = search(index, "The genes", 10);
      double idf = Math.log(1 + (4 - 3 + 0.5) / (3 + 0.5));
      double average = (2 + 3 + 1 + 3) / 4.0;
      double norm = 1.2 * (1 - 0.75 + 0.75 * 3 / average);
      assertEquals(List.of("p2", "p1", "p4"), ids(found));
      assertEquals(idf * 2 / (2 + norm), found.documents().get(0).score(), 1e-5);
      assertEquals(idf / (1 + norm), found.documents().get(2).score(), 1e-5);
      assertEquals(List.of("p2"), ids(search(index, "genes", 1)));
      assertEquals(List.of(), ids(search(index, "the of", 10)));
      assertEquals(List.of(), ids(search(index, "unheard", 10)));
    }
  }

  @Test
  void ofEqualScoresTheEarlierPassageComesFirst() throws IOException {
    StringBuilder content = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      content.append('p').append(i * 7 % 500).append("\tsame text\n");
      expected.add("p" + i * 7 % 500);
    }
    collection(content.toString());
    try (Bm25Index index = open()) {
      assertEquals(expected.subList(0, 50), ids(search(index, "text", 50)));
    }
  }

  @Test
  void anIndexThatIsThereIsUsedForItsCollectionAlone() throws IOException {
    open().close();
    Bm25Index.open(
            folder.resolve("index"),
            folder.resolve("collection"),
            share -> {
              throw new AssertionError("it is indexed again");
            })
        .close();
    collection("p1\tsomething else\n");
    String message = assertThrows(TrecException.class, this::open).getMessage();
    assertTrue(message.contains("index of something else than"), message);
  }

  @Test
  void anIndexThatWasNotFinishedIsMadeAnew() throws IOException {
    collection("p1\tgene\np2\tonly");
    String good = Files.readString(folder.resolve("collection"));
    collection(good + "\nno passage\n");
    assertThrows(FileReadException.class, this::open);
    collection(good);
    try (Bm25Index index = open()) {
      assertEquals(List.of("p1"), ids(search(index, "gene", 10)));
    }
  }

  @Test
  void anIdThatComesTwiceIsRefused() throws IOException {
    collection("p1\tgene\np1\tgene\n");
    try (Bm25Index index = open()) {
      assertThrows(TrecException.class, () -> search(index, "gene", 10));
    }
  }

  @Test
  void aFolderThatCannotBeIsRefused() {
    assertThrows(
        LorascopeException.class,
        () -> Bm25Index.open(folder.resolve("collection"), folder.resolve("collection"), s -> {}));
  }
}
