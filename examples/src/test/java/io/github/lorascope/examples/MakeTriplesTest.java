package io.github.lorascope.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a collection to triples, as programs. */
class MakeTriplesTest {
  @TempDir private Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Program.Result run(Class<?> program, List<String> arguments) {
    return Program.run(folder.resolve("log"), program, arguments);
  }

  @Test
  void aFirstStageGivesWhatIsTrainedOn() throws IOException {
    Path collection =
        file("collection.tsv", "a\tred apple pie\nb\tgreen apple\nc\tblue sky\nd\tapple tree\n");
    Path queries = file("queries.tsv", "1\tapple\n2\tsky\n");
    Path qrels = file("qrels.txt", "1 0 b 1\n2 0 c 1\n");
    Path found = folder.resolve("bm25.run");
    List<String> texts =
        List.of("--collection", "" + collection, "--queries", "" + queries, "--out");
    List<String> searching = new ArrayList<>(texts);
    searching.add("" + found);
    assertEquals(0, run(Bm25Run.class, searching).status());
    Path out = folder.resolve("triples.tsv");
    List<String> making = new ArrayList<>(texts);
    making.addAll(
        List.of(
            "" + out,
            "--run",
            "" + found,
            "--qrels",
            "" + qrels,
            "--negatives",
            "9",
            "--seed",
            "3"));
    Program.Result made = run(MakeTriples.class, making);
    assertEquals(0, made.status(), made.err());
    assertEquals(
        "triples: " + out + " (triples: 2, queries: 1, queries of the run that give none: 1)",
        made.lastLine());
    assertEquals(
        List.of("apple\tgreen apple\tapple tree", "apple\tgreen apple\tred apple pie"),
        Files.readAllLines(out).stream().sorted().toList());
    making.set(5, "" + qrels);
    Program.Result refused = run(MakeTriples.class, making);
    assertEquals(1, refused.status());
    assertTrue(refused.err().contains("which is read; give another path"), refused.err());
  }
}
