package io.github.lorascope.trec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextReaderTest {
  @TempDir private Path folder;

  private Map<String, String> select(String content, Set<String> wanted) {
    Path file = TrecFiles.write(folder.resolve("collection.tsv"), content);
    return TextReader.select(file, wanted::contains, share -> {});
  }

  @Test
  void keepsWhatIsWantedAndNothingElse() {
    String content = "0\ta text\n1\t\n2\tcaf\u00E9 \uD83D\uDE42\n1\tagain\n";
    assertEquals(Map.of("2", "caf\u00E9 \uD83D\uDE42"), select(content, Set.of("2", "9")));
    assertEquals(Map.of("1", ""), select("1\t\n", Set.of("1")));
    Path packed = TrecFiles.gzip(folder.resolve("packed"), "7\tseven\r\n");
    assertEquals(Map.of("7", "seven"), TextReader.select(packed, id -> true, share -> {}));
  }

  @Test
  void badLinesAreNamed() {
    refused("0\ta\nonly text\n", "collection.tsv, line 2 has 1 field", "only text");
    refused("0\ta\n1\ta\tb\n", "line 2 has 3 fields");
    refused("\ta\n", "line 1 has a blank id");
    refused("0\ta\n1 \tb\n", "line 2 has an id with white space", "rename it");
    refused("2\ta\n0\ta\n2\tb\n", "line 3 has the id 2 again");
    refused("0\ta\n\n1\tb\n", "line 2 is blank");
    refused("", "is empty");
    refused("_id\ttext\n2\tb\n", "line 1 names the columns", "_id");
    assertEquals(Map.of("id", "text"), select("2\tb\nid\ttext\n", Set.of("id")));
  }

  private void refused(String content, String... parts) {
    TrecFiles.assertRefused(() -> select(content, Set.of("2")), parts);
  }

  @Test
  void tellsHowFarItIs() {
    StringBuilder content = new StringBuilder();
    for (int i = 0; i < 40_000; i++) {
      content.append(i).append("\tsome text of passage ").append(i).append('\n');
    }
    Path file = TrecFiles.write(folder.resolve("long.tsv"), content.toString());
    List<Double> shares = new ArrayList<>();
    TextReader.select(file, id -> false, shares::add);
    assertEquals(3, shares.size());
    assertEquals(16_384 / 40_000.0, shares.get(0), 0.05);
    assertTrue(shares.get(1) > shares.get(0));
    assertEquals(1, shares.get(2));
  }
}
